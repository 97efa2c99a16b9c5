/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/dedup.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLOTS (2u * DEDUP_FRAMES_MAX)
#define NONE  UINT32_MAX

/* A frame. Its octets are not kept: 128 bits of hash stand for them, with a secret, so that nobody
 * can make frames that count as copies. */
struct remembered {
    uint64_t hash[2];
    struct frame_record record;
    uint32_t older; /* the next frame in its slot; NONE: the last */
    uint32_t copies;
};

struct dedup {
    uint64_t window_ns;
    uint64_t secret[4];
    uint64_t forgotten;
    uint32_t first; /* oldest frame, in a ring */
    uint32_t count;
    uint32_t slots[SLOTS]; /* index of the newest frame with this hash */
    struct remembered frames[DEDUP_FRAMES_MAX];
};

struct dedup *dedup_make(uint64_t window_ns)
{
    struct dedup *dedup = calloc(1, sizeof(*dedup));

    if (!dedup)
        return NULL;
    dedup->window_ns = window_ns;
    if (getentropy(dedup->secret, sizeof(dedup->secret)) < 0) {
        free(dedup);
        return NULL;
    }
    for (size_t i = 0; i < SLOTS; i++)
        dedup->slots[i] = NONE;
    return dedup;
}

void dedup_free(struct dedup *dedup)
{
    free(dedup);
}

/* Both halves of the product of A and B, folded. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

/* Adds COUNT octets of DATA to HASH. */
static void add_octets(const struct dedup *dedup, uint64_t hash[2], const unsigned char *data,
                       size_t count)
{
    uint64_t word[2];

    for (size_t done = 0; done < count; done += sizeof(word)) {
        size_t part = count - done < sizeof(word) ? count - done : sizeof(word);

        word[0] = word[1] = 0;
        memcpy(word, data + done, part);
        hash[0] = fold(hash[0] ^ word[0] ^ dedup->secret[0], word[1] ^ dedup->secret[1]) + part;
        hash[1] = fold(hash[1] ^ word[1] ^ dedup->secret[2], word[0] ^ dedup->secret[3]) + part;
    }
}

/* Where the octets begin that a copy must have, too. */
static uint32_t payload_offset(const struct walk *walk, const struct frame_record *record)
{
    int is_plain = record->key.protocol == OUTCOME_TCP || record->key.protocol == OUTCOME_UDP;

    return is_plain && walk->transport ? walk->transport : walk->position.offset;
}

static void hash_frame(const struct dedup *dedup, const struct classifier *classifier,
                       const struct seen_frame *seen, const struct frame_record *record,
                       uint64_t hash[2])
{
    const unsigned char *end = seen->data + seen->captured;
    struct frame_record again;
    uint32_t from, until;
    struct walk walk;

    classify(classifier, seen->data, end, seen->length, seen->stripped, &walk, &again);
    from = payload_offset(&walk, record);
    until = walk.position.offset + walk.position.left;
    if (until > seen->captured) /* cut by the snap length, or by an offset that overflows */
        until = seen->captured;
    hash[0] = dedup->secret[0];
    hash[1] = dedup->secret[1];
    add_octets(dedup, hash, (const unsigned char *)&record->key, sizeof(record->key));
    add_octets(dedup, hash, (const unsigned char *)&record->sequence, sizeof(record->sequence));
    hash[0] ^= record->association;
    if (from < until)
        add_octets(dedup, hash, seen->data + from, until - from);
}

/* The place of the frame that is NUMBER frames younger than the oldest. */
static uint32_t place_of(const struct dedup *dedup, uint32_t number)
{
    return (dedup->first + number) % DEDUP_FRAMES_MAX;
}

static uint32_t *slot_of(struct dedup *dedup, const uint64_t hash[2])
{
    return &dedup->slots[hash[0] % SLOTS];
}

/* Takes the oldest frame out of its slot and of the ring. Returns it; it stays until the next one
 * is remembered. */
static struct remembered *forget_oldest(struct dedup *dedup)
{
    uint32_t place = dedup->first;
    struct remembered *oldest = &dedup->frames[place];
    uint32_t *link = slot_of(dedup, oldest->hash);

    while (*link != place)
        link = &dedup->frames[*link].older;
    *link = oldest->older;
    dedup->first = (dedup->first + 1) % DEDUP_FRAMES_MAX;
    dedup->count--;
    return oldest;
}

static void remember(struct dedup *dedup, const uint64_t hash[2], const struct frame_record *record)
{
    uint32_t *slot = slot_of(dedup, hash);
    uint32_t place;

    if (dedup->count == DEDUP_FRAMES_MAX) {
        forget_oldest(dedup);
        dedup->forgotten++;
    }
    place = place_of(dedup, dedup->count++);
    dedup->frames[place] = (struct remembered){
        .hash = {hash[0], hash[1]},
        .record = *record,
        .older = *slot,
    };
    *slot = place;
}

/* Whether a frame at A_NS is within the time of one at B_NS. */
static int is_within(const struct dedup *dedup, uint64_t a_ns, uint64_t b_ns)
{
    return (a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns) <= dedup->window_ns;
}

int dedup_is_copy(struct dedup *dedup, const struct classifier *classifier,
                  const struct seen_frame *seen, const struct frame_record *record)
{
    uint64_t hash[2];

    hash_frame(dedup, classifier, seen, record, hash);
    for (uint32_t at = *slot_of(dedup, hash); at != NONE; at = dedup->frames[at].older) {
        struct remembered *frame = &dedup->frames[at];

        if (frame->hash[0] != hash[0] || frame->hash[1] != hash[1] ||
            !is_within(dedup, record->timestamp_ns, frame->record.timestamp_ns))
            continue;
        frame->copies++;
        return 1;
    }
    remember(dedup, hash, record);
    return 0;
}

int dedup_take_single(struct dedup *dedup, uint64_t now_ns, struct frame_record *record)
{
    while (dedup->count) {
        const struct remembered *oldest = &dedup->frames[dedup->first];

        if (now_ns != UINT64_MAX && oldest->record.timestamp_ns + dedup->window_ns >= now_ns)
            return 0;
        oldest = forget_oldest(dedup);
        if (oldest->copies)
            continue;
        *record = oldest->record;
        return 1;
    }
    return 0;
}

uint64_t dedup_forgotten(const struct dedup *dedup)
{
    return dedup->forgotten;
}
