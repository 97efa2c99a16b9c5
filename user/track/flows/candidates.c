/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/flows/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "outcome.h"
#include "protocol/openvpn.h"
#include "track/flows/rise.h"

#define BUCKETS CANDIDATES_PAIRS_MAX

/* Identifiers of a confirmed pair that may end with one frame each: the SAs of a rekey or two. */
#define SINGLES_MAX 4

/* The number of random pairs that are emptied to make room for one datagram. */
#define TRIES 16

struct pair {
    struct flow_key key;
    uint32_t next; /* the next pair in the bucket, or POOL_NONE */
    uint32_t bucket;
    uint32_t first; /* waiting datagrams in order of arrival; POOL_NONE: none */
    uint32_t last;  /* valid unless FIRST is POOL_NONE */
    uint32_t held_count;
    uint32_t counted;    /* datagrams that came here and count as UDP */
    uint32_t announced;  /* identifier that a handshake gave to the frames of the pair */
    uint32_t identifier; /* of the SA that was confirmed last */
    uint8_t protocol;    /* of that SA; 0: none was confirmed */
    uint8_t is_confirmed;
    uint8_t has_announced;
    uint8_t reserved;
};

struct held {
    struct frame_record record;
    uint32_t next; /* the next one of the pair, or POOL_NONE */
    uint32_t origins;
};

struct flow_key candidate_udp_key(const struct frame_record *record)
{
    struct flow_key key = record->key;

    key.protocol = OUTCOME_UDP;
    key.identifier = 0;
    key.ports = record->ports;
    return key;
}

static struct pair *pair_at(const struct candidates *candidates, uint32_t handle)
{
    return pool_at(&candidates->pairs, handle);
}

static struct held *held_at(const struct candidates *candidates, uint32_t handle)
{
    return pool_at(&candidates->records, handle);
}

void candidates_release(struct candidates *candidates)
{
    free(candidates->buckets);
    candidates->buckets = NULL;
    pool_release(&candidates->pairs);
    pool_release(&candidates->records);
    candidates->waiting = 0;
}

/* Allocates the table on first use. Returns 0, or -1: no memory. */
static int make_table(struct candidates *candidates)
{
    if (candidates->buckets)
        return 0;
    candidates->buckets = calloc(BUCKETS, sizeof(*candidates->buckets));
    candidates->random = 1;
    if (candidates->buckets &&
        pool_init(&candidates->pairs, sizeof(struct pair), CANDIDATES_PAIRS_MAX) == 0 &&
        pool_init(&candidates->records, sizeof(struct held), CANDIDATES_RECORDS_MAX) == 0)
        return 0;
    candidates_release(candidates);
    return -1;
}

/* Counts DATAGRAM of PAIR. */
static void count(struct candidates *candidates, struct pair *pair, const struct held *datagram,
                  int is_confirmed)
{
    pair->counted += is_confirmed ? 0 : datagram->record.wire_packets;
    candidates->count(candidates->context, &datagram->record, datagram->origins, is_confirmed);
}

/* --- waiting datagrams --- */

static void append(struct candidates *candidates, struct pair *pair, uint32_t handle)
{
    held_at(candidates, handle)->next = POOL_NONE;
    if (pair->first == POOL_NONE)
        pair->first = handle;
    else
        held_at(candidates, pair->last)->next = handle;
    pair->last = handle;
    candidates->waiting += pair->held_count++ == 0;
}

static int has_same_identity(const struct frame_record *a, const struct frame_record *b)
{
    return a->key.protocol == b->key.protocol && a->key.identifier == b->key.identifier &&
           a->association == b->association;
}

/* Counts and removes the waiting datagrams of PAIR that have the identity of LIKE (NULL: all). */
static void count_held(struct candidates *candidates, struct pair *pair,
                       const struct frame_record *like, int is_confirmed)
{
    uint32_t next, handle = pair->first;

    if (!pair->held_count)
        return;
    pair->first = POOL_NONE;
    pair->held_count = 0;
    candidates->waiting--;
    for (; handle != POOL_NONE; handle = next) {
        const struct held *held = held_at(candidates, handle);

        next = held->next;
        if (like && !has_same_identity(like, &held->record)) {
            append(candidates, pair, handle);
            continue;
        }
        count(candidates, pair, held, is_confirmed);
        pool_return(&candidates->records, handle);
    }
}

/* The number of different identities among the waiting datagrams of PAIR. */
static unsigned count_identities(const struct candidates *candidates, const struct pair *pair)
{
    unsigned identities = 0;

    for (uint32_t i = pair->first; i != POOL_NONE; i = held_at(candidates, i)->next) {
        const struct frame_record *record = &held_at(candidates, i)->record;
        uint32_t earlier = pair->first;

        while (!has_same_identity(record, &held_at(candidates, earlier)->record))
            earlier = held_at(candidates, earlier)->next;
        identities += earlier == i;
    }
    return identities;
}

/* Counts all waiting datagrams of PAIR. */
static void let_go(struct candidates *candidates, struct pair *pair)
{
    int is_confirmed = pair->is_confirmed && count_identities(candidates, pair) <= SINGLES_MAX;

    count_held(candidates, pair, NULL, is_confirmed);
}

/* Chooses a random pair; there must be one. Choosing the least recently used would fail when
 * slightly more pairs alternate than there is room for: none would ever collect three frames. */
static uint32_t choose(struct candidates *candidates)
{
    candidates->random = candidates->random * 1664525u + 1013904223u; /* Numerical Recipes, 7.1 */
    return 1 + (uint32_t)((uint64_t)candidates->random * candidates->pairs.count >> 32);
}

/* Makes room for one more datagram. Returns its handle, or POOL_NONE. */
static uint32_t take_record(struct candidates *candidates)
{
    uint32_t handle = pool_take(&candidates->records);

    for (unsigned i = 0; i < TRIES && handle == POOL_NONE; i++) {
        let_go(candidates, pair_at(candidates, choose(candidates)));
        handle = pool_take(&candidates->records);
    }
    return handle;
}

/* Counts the oldest waiting datagram of PAIR as UDP. PAIR is no longer confirmed, as no two of its
 * waiting datagrams agree. */
static void drop_oldest(struct candidates *candidates, struct pair *pair)
{
    uint32_t handle = pair->first;
    struct held oldest = *held_at(candidates, handle);

    pair->first = oldest.next;
    pair->held_count--;
    pair->is_confirmed = 0;
    pool_return(&candidates->records, handle);
    count(candidates, pair, &oldest, 0);
}

/* Makes DATAGRAM wait. */
static void hold(struct candidates *candidates, struct pair *pair, const struct held *datagram)
{
    uint32_t handle;

    if (pair->held_count == CANDIDATES_HELD_MAX)
        drop_oldest(candidates, pair);
    handle = take_record(candidates);
    if (handle == POOL_NONE) {
        count(candidates, pair, datagram, 0);
        return;
    }
    *held_at(candidates, handle) = *datagram;
    append(candidates, pair, handle);
}

/* --- pairs --- */

/* Removes PAIR from the table, so that its memory can be used for another pair. */
static void leave(struct candidates *candidates, struct pair *pair)
{
    uint32_t *link = &candidates->buckets[pair->bucket];

    let_go(candidates, pair);
    while (pair_at(candidates, *link) != pair)
        link = &pair_at(candidates, *link)->next;
    *link = pair->next;
}

/* Allocates a pair, replacing another when the table is full. Returns its handle, or POOL_NONE: no
 * memory. */
static uint32_t add_pair(struct candidates *candidates)
{
    uint32_t handle = pool_take(&candidates->pairs);

    if (handle == POOL_NONE && candidates->pairs.count) {
        handle = choose(candidates);
        leave(candidates, pair_at(candidates, handle));
    }
    return handle;
}

/* Finds the pair of KEY, which has HASH, or adds it. Returns NULL: no memory. */
static struct pair *find_or_add(struct candidates *candidates, const struct flow_key *key,
                                uint32_t hash)
{
    uint32_t bucket = hash % BUCKETS, handle = candidates->buckets[bucket];
    struct pair *pair;

    for (; handle != POOL_NONE; handle = pair->next) {
        pair = pair_at(candidates, handle);
        if (memcmp(&pair->key, key, sizeof(*key)) == 0)
            return pair;
    }
    handle = add_pair(candidates);
    if (handle == POOL_NONE)
        return NULL;
    pair = pair_at(candidates, handle);
    *pair = (struct pair){.key = *key, .bucket = bucket, .next = candidates->buckets[bucket]};
    candidates->buckets[bucket] = handle;
    return pair;
}

/* Whether waiting datagrams with the identity of RECORD have other numbers near it, and no more of
 * them have numbers that are far from it. */
static int agrees(const struct candidates *candidates, const struct pair *pair,
                  const struct frame_record *record)
{
    unsigned agreeing = 0, disagreeing = 0;

    for (uint32_t i = pair->first; i != POOL_NONE; i = held_at(candidates, i)->next) {
        const struct frame_record *held = &held_at(candidates, i)->record;
        int64_t distance = rise_distance(record, held);

        if (!has_same_identity(record, held) || distance == 0)
            continue;
        if (rise_is_near(distance))
            agreeing++;
        else
            disagreeing++;
    }
    return agreeing && agreeing >= disagreeing;
}

/* Whether RECORD and the waiting datagrams of PAIR show the SA of RECORD. */
static int is_shown(const struct candidates *candidates, const struct pair *pair,
                    const struct frame_record *record)
{
    struct rise rise = {0};

    if (pair->is_confirmed)
        return agrees(candidates, pair, record);
    if (agrees(candidates, pair, record) && candidates->is_known(candidates->context, record))
        return 1;
    for (uint32_t i = pair->first; i != POOL_NONE; i = held_at(candidates, i)->next)
        if (has_same_identity(record, &held_at(candidates, i)->record))
            rise_add(&rise, &held_at(candidates, i)->record);
    rise_add(&rise, record);
    return rise_is_of_sender(&rise, record);
}

/* Whether a handshake gave the identifier of RECORD to the frames of PAIR. */
static int is_announced(const struct pair *pair, const struct frame_record *record)
{
    return pair->has_announced && pair->announced == record->key.identifier;
}

/* Whether the SA of RECORD took over from the one that was confirmed last on PAIR: a handshake said
 * so, or it has the next key of the same OpenVPN peer. */
static int took_over(const struct pair *pair, const struct frame_record *record)
{
    uint32_t identifier = record->key.identifier;

    if (pair->protocol != record->key.protocol || pair->identifier == identifier)
        return 0;
    if (record->key.protocol == OUTCOME_OPENVPN)
        return OPENVPN_PEER_OF(pair->identifier) == OPENVPN_PEER_OF(identifier);
    return is_announced(pair, record);
}

/* Notes that the SA of RECORD is confirmed. */
static void note_sa(struct candidates *candidates, struct pair *pair,
                    const struct frame_record *record)
{
    struct flow_key before = record->key;

    before.identifier = pair->identifier;
    if (took_over(pair, record))
        candidates->follows(candidates->context, &record->key, &before, record->timestamp_ns);
    pair->protocol = record->key.protocol;
    pair->identifier = record->key.identifier;
}

/* Marks PAIR as confirmed, and counts the waiting datagrams of which two agree, as that is enough
 * now. */
static void confirm(struct candidates *candidates, struct pair *pair)
{
    uint32_t next;

    if (pair->is_confirmed)
        return;
    pair->is_confirmed = 1;
    for (uint32_t handle = pair->first; handle != POOL_NONE; handle = next) {
        struct frame_record record = held_at(candidates, handle)->record;

        next = held_at(candidates, handle)->next;
        if (!agrees(candidates, pair, &record))
            continue;
        note_sa(candidates, pair, &record);
        count_held(candidates, pair, &record, 1);
        next = pair->first;
    }
}

/* Whether the frames of PROTOCOL seldom share a pair of addresses and ports with others. */
static int is_alone(uint32_t protocol)
{
    return protocol == OUTCOME_WIREGUARD;
}

void candidates_receive(struct candidates *candidates, const struct frame_record *record,
                        uint32_t origins, const struct flow_key *key, uint32_t hash,
                        uint64_t udp_packets)
{
    struct held datagram = {.record = *record, .origins = origins};
    struct pair *pair;

    if (make_table(candidates) < 0 || !(pair = find_or_add(candidates, key, hash))) {
        candidates->count(candidates->context, record, origins, 0);
        return;
    }
    if (!pair->is_confirmed && is_alone(record->key.protocol) && udp_packets > pair->counted &&
        !is_announced(pair, record)) {
        let_go(candidates, pair);
        count(candidates, pair, &datagram, 0);
        return;
    }
    if (!is_shown(candidates, pair, record)) {
        hold(candidates, pair, &datagram);
        return;
    }
    note_sa(candidates, pair, record);
    count_held(candidates, pair, record, 1);
    count(candidates, pair, &datagram, 1);
    confirm(candidates, pair);
}

/* Swaps the ends of KEY, of a UDP flow. */
static struct flow_key reversed(const struct flow_key *key)
{
    struct flow_key back = *key;

    memcpy(back.source, key->destination, sizeof(back.source));
    memcpy(back.destination, key->source, sizeof(back.destination));
    back.source_port = key->destination_port;
    back.destination_port = key->source_port;
    return back;
}

void candidates_handshake(struct candidates *candidates, const struct frame_record *record,
                          const struct flow_key *key)
{
    struct held datagram = {.record = *record}; /* as UDP it has no gaps, wherever it came from */
    struct flow_key back = reversed(key);
    struct pair *pair = NULL;

    if (make_table(candidates) == 0)
        pair = find_or_add(candidates, &back, candidates->hash(candidates->context, &back));
    if (pair && record->key.identifier) {
        pair->announced = record->key.identifier;
        pair->has_announced = 1;
    }
    if (pair)
        pair = find_or_add(candidates, key, candidates->hash(candidates->context, key));
    if (pair)
        count(candidates, pair, &datagram, 0);
    else
        candidates->count(candidates->context, record, 0, 0);
}

void candidates_expire(struct candidates *candidates, uint64_t before_ns)
{
    for (uint32_t i = 1; i < candidates->pairs.used_end && candidates->waiting; i++) {
        struct pair *pair = pair_at(candidates, i);

        if (pair->held_count && held_at(candidates, pair->last)->record.timestamp_ns < before_ns)
            let_go(candidates, pair);
    }
}

void candidates_shift_time(struct candidates *candidates, int64_t step_ns)
{
    for (uint32_t i = 1; i < candidates->pairs.used_end && candidates->waiting; i++) {
        const struct pair *pair = pair_at(candidates, i);

        for (uint32_t at = pair->first; at != POOL_NONE; at = held_at(candidates, at)->next) {
            struct frame_record *record = &held_at(candidates, at)->record;

            record->timestamp_ns = shift_time(record->timestamp_ns, step_ns);
        }
    }
}
