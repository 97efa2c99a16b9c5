/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/dedup.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/wide.h"
#include "protocol/macsec.h"

#define SLOTS (2u * DEDUP_FRAMES_MAX)
#define NONE  UINT32_MAX

/* Octets at the end of a frame in which copies may differ: the FCS, or what the snap length left
 * when a tag was in front. */
#define END_OCTETS 4

/* Keys that are known to be of the same flow. */
#define ALIASES 4096

/* IEEE 802.1AE-2018 14.6: octets of the ICV in all its cipher suites. */
#define MACSEC_ICV_BYTES 16

/* The octets of a frame, or all but the last END_OCTETS of them. */
enum part { WHOLE, SHORTER, PARTS };

/* A frame. Instead of its octets, 128 bits of a hash with a secret key are kept, so that an
 * attacker cannot make frames that count as copies. */
struct prints {
    uint64_t hash[PARTS][2];
    int has_shorter; /* a copy may lack the end of the frame, or have a longer end */
};

struct remembered {
    struct prints prints;
    struct frame_record record;
    uint32_t older[PARTS]; /* the next frame in its slot; NONE: the last */
    uint32_t copies;
};

struct alias {
    struct flow_key key;
    struct flow_key of;
};

struct dedup {
    uint64_t window_ns;
    uint64_t secret[4];
    uint64_t forgotten;
    uint32_t first; /* oldest frame, in a ring */
    uint32_t count;
    uint32_t slots[PARTS][SLOTS]; /* index of the newest frame with this hash */
    struct remembered frames[DEDUP_FRAMES_MAX];
    struct alias aliases[ALIASES];
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
        dedup->slots[WHOLE][i] = dedup->slots[SHORTER][i] = NONE;
    return dedup;
}

void dedup_free(struct dedup *dedup)
{
    free(dedup);
}

/* Both halves of the product of A and B, folded. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    wide product = wide_product(a, b);

    return wide_high(product) ^ wide_low(product);
}

/* The number of octets that are added to a hash at a time. */
#define HASH_STEP (2 * sizeof(uint64_t))

/* Adds COUNT octets of DATA to HASH. */
static void add_octets(const struct dedup *dedup, uint64_t hash[2], const unsigned char *data,
                       size_t count)
{
    uint64_t word[2];

    for (size_t done = 0; done < count; done += HASH_STEP) {
        size_t part = count - done < HASH_STEP ? count - done : HASH_STEP;

        word[0] = word[1] = 0;
        memcpy(word, data + done, part);
        hash[0] = fold(hash[0] ^ word[0] ^ dedup->secret[0], word[1] ^ dedup->secret[1]) + part;
        hash[1] = fold(hash[1] ^ word[1] ^ dedup->secret[2], word[0] ^ dedup->secret[3]) + part;
    }
}

/* The offset of the first octet that a copy must have, too. */
static uint32_t payload_offset(const struct walk *walk, const struct frame_record *record)
{
    int is_plain = record->key.protocol == OUTCOME_TCP || record->key.protocol == OUTCOME_UDP;

    return is_plain && walk->transport ? walk->transport : walk->position.offset;
}

/* Whether the SecTAG that ends at FROM in the frame DATA has an SCI. */
static int has_sci(const unsigned char *data, uint32_t from)
{
    uint32_t before = MACSEC_TAG_BYTES + MACSEC_SCI_BYTES;

    return from >= before + sizeof(uint16_t) &&
           load_be16(data + from - before - sizeof(uint16_t)) == ETHERTYPE_MACSEC &&
           data[from - before] & MACSEC_TCI_SC;
}

/* The length of the payload and ICV in the MACsec frame DATA, whose SecTAG ends at FROM, in octets.
 * 0: they go up to the end of the frame. Padding may follow a short payload, so the SecTAG has its
 * length (SL). */
static uint32_t macsec_length(const unsigned char *data, uint32_t from)
{
    uint32_t tag = MACSEC_TAG_BYTES + (has_sci(data, from) ? MACSEC_SCI_BYTES : 0);
    uint32_t length = from >= tag ? data[from - tag + 1] : 0;

    return length ? length + MACSEC_ICV_BYTES : 0;
}

/* Which octets of SEEN a copy must have, too: FROM to UNTIL. */
struct payload {
    uint32_t from;
    uint32_t until;
    int is_open; /* the end of the payload is not known */
};

static struct payload payload_of(const struct classifier *classifier, const struct seen_frame *seen,
                                 const struct frame_record *record)
{
    const unsigned char *end = seen->data + seen->captured;
    struct frame_record again;
    struct payload payload;
    struct walk walk;
    uint32_t length = 0;

    classify(classifier, seen->data, end, seen->length, seen->stripped, &walk, &again);
    payload.from = payload_offset(&walk, record);
    payload.until = walk.position.offset + walk.position.left;
    if (record->key.protocol == OUTCOME_MACSEC && payload.from <= seen->captured)
        length = macsec_length(seen->data, payload.from);
    payload.is_open = record->key.protocol == OUTCOME_MACSEC && !length;
    if (length && payload.from + length < payload.until)
        payload.until = payload.from + length;
    if (payload.until > seen->captured) { /* cut by the snap length, or an offset that overflows */
        payload.until = seen->captured;
        payload.is_open = 1;
    }
    return payload;
}

/* Makes the prints of the frame DATA with the RECORD. Copies of the frame have the same PAYLOAD. */
static struct prints make_prints(const struct dedup *dedup, const unsigned char *data,
                                 const struct payload *payload, const struct frame_record *record)
{
    uint32_t count = payload->from < payload->until ? payload->until - payload->from : 0;
    uint32_t shorter = count > END_OCTETS ? count - END_OCTETS : 0;
    uint32_t common = shorter / HASH_STEP * HASH_STEP;
    struct prints prints = {.has_shorter = payload->is_open && shorter};
    struct flow_key key = record->key;
    uint64_t *hash = prints.hash[SHORTER];

    if (key.protocol == OUTCOME_MACSEC)
        key.vlans = 0;
    hash[0] = dedup->secret[0];
    hash[1] = dedup->secret[1];
    add_octets(dedup, hash, (const unsigned char *)&key, sizeof(key));
    add_octets(dedup, hash, (const unsigned char *)&record->sequence, sizeof(record->sequence));
    hash[0] ^= record->association;
    data += payload->from;
    add_octets(dedup, hash, data, common);
    memcpy(prints.hash[WHOLE], hash, sizeof(prints.hash[WHOLE]));
    add_octets(dedup, hash, data + common, shorter - common);
    add_octets(dedup, prints.hash[WHOLE], data + common, count - common);
    return prints;
}

/* The place of the frame that is NUMBER frames younger than the oldest. */
static uint32_t place_of(const struct dedup *dedup, uint32_t number)
{
    return (dedup->first + number) % DEDUP_FRAMES_MAX;
}

static uint32_t *slot_of(struct dedup *dedup, enum part part, const uint64_t hash[2])
{
    return &dedup->slots[part][hash[0] % SLOTS];
}

/* Takes the frame at PLACE out of the slot of its PART. */
static void unlink_frame(struct dedup *dedup, uint32_t place, enum part part)
{
    struct remembered *frame = &dedup->frames[place];
    uint32_t *link = slot_of(dedup, part, frame->prints.hash[part]);

    while (*link != place)
        link = &dedup->frames[*link].older[part];
    *link = frame->older[part];
}

static void link_frame(struct dedup *dedup, uint32_t place, enum part part)
{
    struct remembered *frame = &dedup->frames[place];
    uint32_t *slot = slot_of(dedup, part, frame->prints.hash[part]);

    frame->older[part] = *slot;
    *slot = place;
}

/* Takes the oldest frame out of its slots and of the ring. Returns it; it stays until the next one
 * is remembered. */
static struct remembered *forget_oldest(struct dedup *dedup)
{
    struct remembered *oldest = &dedup->frames[dedup->first];

    unlink_frame(dedup, dedup->first, WHOLE);
    if (oldest->prints.has_shorter)
        unlink_frame(dedup, dedup->first, SHORTER);
    dedup->first = (dedup->first + 1) % DEDUP_FRAMES_MAX;
    dedup->count--;
    return oldest;
}

static void remember(struct dedup *dedup, const struct prints *prints,
                     const struct frame_record *record)
{
    uint32_t place;

    if (dedup->count == DEDUP_FRAMES_MAX) {
        forget_oldest(dedup);
        dedup->forgotten++;
    }
    place = place_of(dedup, dedup->count++);
    dedup->frames[place] = (struct remembered){.prints = *prints, .record = *record};
    link_frame(dedup, place, WHOLE);
    if (prints->has_shorter)
        link_frame(dedup, place, SHORTER);
}

/* Whether a frame at A_NS is within the time of one at B_NS. */
static int is_within(const struct dedup *dedup, uint64_t a_ns, uint64_t b_ns)
{
    return (a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns) <= dedup->window_ns;
}

/* The newest frame within the time of TIME_NS whose PART has HASH; NULL: there is none. */
static struct remembered *find(struct dedup *dedup, enum part part, const uint64_t hash[2],
                               uint64_t time_ns)
{
    uint32_t at = *slot_of(dedup, part, hash);

    for (; at != NONE; at = dedup->frames[at].older[part]) {
        struct remembered *frame = &dedup->frames[at];

        if (frame->prints.hash[part][0] == hash[0] && frame->prints.hash[part][1] == hash[1] &&
            is_within(dedup, time_ns, frame->record.timestamp_ns))
            return frame;
    }
    return NULL;
}

static struct alias *alias_of(struct dedup *dedup, const struct flow_key *key)
{
    uint64_t hash[2] = {dedup->secret[2], dedup->secret[3]};

    add_octets(dedup, hash, (const unsigned char *)key, sizeof(*key));
    return &dedup->aliases[hash[0] % ALIASES];
}

/* Replaces the key of RECORD if copies showed that another one names the same flow. */
static void rename_flow(struct dedup *dedup, struct frame_record *record)
{
    const struct alias *alias = alias_of(dedup, &record->key);

    if (memcmp(&alias->key, &record->key, sizeof(record->key)) == 0)
        record->key = alias->of;
}

/* RECORD is of a copy of FRAME. */
static void take_copy(struct dedup *dedup, struct remembered *frame, struct frame_record *record)
{
    frame->copies++;
    if (memcmp(&frame->record.key, &record->key, sizeof(record->key)) == 0)
        return;
    *alias_of(dedup, &record->key) = (struct alias){.key = record->key, .of = frame->record.key};
    record->key = frame->record.key;
}

int dedup_is_copy(struct dedup *dedup, const struct classifier *classifier,
                  const struct seen_frame *seen, struct frame_record *record)
{
    struct payload payload = payload_of(classifier, seen, record);
    struct prints prints = make_prints(dedup, seen->data, &payload, record);
    uint64_t now_ns = record->timestamp_ns;
    struct remembered *frame;

    if (record->key.protocol == OUTCOME_MACSEC)
        rename_flow(dedup, record);
    frame = find(dedup, WHOLE, prints.hash[WHOLE], now_ns);
    if (!frame && prints.has_shorter)
        frame = find(dedup, WHOLE, prints.hash[SHORTER], now_ns);
    if (!frame)
        frame = find(dedup, SHORTER, prints.hash[WHOLE], now_ns);
    if (frame)
        take_copy(dedup, frame, record);
    else
        remember(dedup, &prints, record);
    return frame != NULL;
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
