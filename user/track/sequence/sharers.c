/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/sharers.h"

#include <stdlib.h>
#include <string.h>

#include "outcome.h"
#include "track/sequence/channel.h"

#define BUCKETS_FIRST 1024

int sharers_init(struct moves *moves, uint32_t max_flows)
{
    moves->bucket_mask = BUCKETS_FIRST - 1;
    moves->buckets = calloc(BUCKETS_FIRST, sizeof(*moves->buckets));
    return moves->buckets ? pool_init(&moves->sharers, sizeof(struct sharer), max_flows) : -1;
}

/* Whether the SA of KEY is also kept when the destination changes: the peer that moves is the one
 * that frames are sent to. A receiver of WireGuard picks its index at random, and a server of
 * OpenVPN has a peer id for each client; SPIs are often small numbers, which other destinations
 * have, too. */
static int may_be_followed(const struct flow_key *key)
{
    return key->protocol == OUTCOME_WIREGUARD || key->protocol == OUTCOME_OPENVPN;
}

/* KEY without what may change: the source, or any address, with its port. */
static struct flow_key shared_key(const struct flow_key *key)
{
    struct flow_key shared = *key;

    memset(shared.source, 0, sizeof(shared.source));
    shared.source_port = 0;
    if (may_be_followed(key)) {
        memset(shared.destination, 0, sizeof(shared.destination));
        shared.destination_port = 0;
    }
    return shared;
}

/* Whether A and B have one end in common. */
static int has_same_end(const struct flow_key *a, const struct flow_key *b)
{
    return (memcmp(a->source, b->source, sizeof(a->source)) == 0 &&
            a->source_port == b->source_port) ||
           (memcmp(a->destination, b->destination, sizeof(a->destination)) == 0 &&
            a->destination_port == b->destination_port);
}

uint32_t sharers_hash(const struct moves *moves, const struct flow_key *key)
{
    struct flow_key shared = shared_key(key);

    return flow_table_hash(moves->table, &shared);
}

int sharers_are_alike(const struct flow_key *a, const struct flow_key *b)
{
    struct flow_key first = shared_key(a);
    struct flow_key second = shared_key(b);

    return memcmp(&first, &second, sizeof(first)) == 0 && has_same_end(a, b);
}

/* Doubles the buckets when there are more flows. Without memory, chains become longer. */
static void make_room(struct moves *moves)
{
    uint32_t buckets = (moves->bucket_mask + 1) * 2;
    uint32_t *wider;

    if (moves->sharers.count <= moves->bucket_mask)
        return;
    wider = calloc(buckets, sizeof(*wider));
    if (!wider)
        return;
    for (uint32_t i = 0, next; i <= moves->bucket_mask; i++)
        for (uint32_t at = moves->buckets[i]; at != POOL_NONE; at = next) {
            struct sharer *sharer = sharer_at(moves, at);

            next = sharer->next;
            sharer->next = wider[sharer->hash & (buckets - 1)];
            wider[sharer->hash & (buckets - 1)] = at;
        }
    free(moves->buckets);
    moves->buckets = wider;
    moves->bucket_mask = buckets - 1;
}

void sharers_add(struct moves *moves, struct flow *flow, uint32_t hash)
{
    uint32_t handle = pool_take(&moves->sharers);
    uint32_t *bucket;

    if (handle == POOL_NONE)
        return;
    make_room(moves);
    bucket = &moves->buckets[hash & moves->bucket_mask];
    *sharer_at(moves, handle) = (struct sharer){.flow = flow, .hash = hash, .next = *bucket};
    *bucket = handle;
}

void sharers_remove(struct moves *moves, const struct flow *flow)
{
    uint32_t *at = &moves->buckets[sharers_hash(moves, &flow->key) & moves->bucket_mask];

    for (; *at != POOL_NONE; at = &sharer_at(moves, *at)->next) {
        uint32_t handle = *at;

        if (sharer_at(moves, handle)->flow != flow)
            continue;
        *at = sharer_at(moves, handle)->next;
        pool_return(&moves->sharers, handle);
        return;
    }
}
