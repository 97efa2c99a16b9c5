/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The table of flows: an open-addressed index of 8-byte slots over a pool of flows that never move,
 * and the order in which they were last used. It never has more flows than its limit. */
#ifndef GAPWATCH_TRACK_FLOWS_FLOW_TABLE_H
#define GAPWATCH_TRACK_FLOWS_FLOW_TABLE_H

#include <stdint.h>
#include <string.h>

#include "base/pool.h"
#include "base/prefetch.h"
#include "track/flow.h"

struct flow_slot {
    uint32_t hash;
    uint32_t flow; /* handle in the pool, or POOL_NONE: free */
};

/* Neighbours in the order of use. Kept apart from the flows, so that moving one touches no other
 * flow's memory. */
struct flow_link {
    uint32_t older;
    uint32_t newer;
};

struct flow_table {
    struct pool flows;
    struct flow_slot *slots;
    uint32_t slot_mask;      /* slots, a power of two, minus one */
    struct flow_link *links; /* by handle; links[POOL_NONE] closes the ring */
    uint32_t mark;           /* an entry in this order; no flow has this handle */
    uint64_t seed[8];        /* of the hash, so that frames cannot choose their slots */
};

/* Makes TABLE empty, for at most LIMIT flows. Returns 0, or -1: no memory or no random seed. */
int flow_table_init(struct flow_table *table, uint32_t limit);
/* Frees all flows of TABLE. */
void flow_table_release(struct flow_table *table);

/* The hash of KEY in this table. */
uint32_t flow_table_hash(const struct flow_table *table, const struct flow_key *key);

/* Adds a flow of zeros with KEY, which is not in the table. Returns its handle, or POOL_NONE when
 * limit or memory is reached; removing a flow makes room. */
uint32_t flow_table_add(struct flow_table *table, const struct flow_key *key, uint32_t hash);

/* Removes flow HANDLE. Its memory is used again. */
void flow_table_remove(struct flow_table *table, uint32_t handle);

/* Makes flow HANDLE the newest in the order of use. */
void flow_table_touch(struct flow_table *table, uint32_t handle);

/* The flow of TABLE that was used longest ago, or POOL_NONE. */
uint32_t flow_table_oldest(const struct flow_table *table);

/* The flow used next after HANDLE, or POOL_NONE. */
uint32_t flow_table_newer(const struct flow_table *table, uint32_t handle);

/* Moves the mark behind flow HANDLE in the order of use, or in front of all flows (POOL_NONE).
 * Iteration skips the mark. */
void flow_table_mark(struct flow_table *table, uint32_t handle);

/* The first flow of TABLE behind the mark, which starts in front of all flows; or POOL_NONE. */
uint32_t flow_table_used_since_mark(const struct flow_table *table);

/* The flow HANDLE. The pointer is valid until it is removed. */
static inline struct flow *flow_table_at(const struct flow_table *table, uint32_t handle)
{
    return pool_at(&table->flows, handle);
}

/* The handle that probably belongs to the flow with HASH, without comparing keys; or POOL_NONE. */
static inline uint32_t flow_table_guess(const struct flow_table *table, uint32_t hash)
{
    const struct flow_slot *slot = &table->slots[hash & table->slot_mask];

    return slot->hash == hash ? slot->flow : POOL_NONE;
}

/* As flow_table_find(), for a flow that need not be in the first slot of its hash. */
uint32_t flow_table_search(const struct flow_table *table, const struct flow_key *key,
                           uint32_t hash);

/* The handle of the flow with KEY, whose hash is HASH, or POOL_NONE. */
static inline uint32_t flow_table_find(const struct flow_table *table, const struct flow_key *key,
                                       uint32_t hash)
{
    uint32_t guess = flow_table_guess(table, hash);

    if (guess != POOL_NONE && memcmp(&flow_table_at(table, guess)->key, key, sizeof(*key)) == 0)
        return guess;
    return flow_table_search(table, key, hash);
}

/* Prefetches the memory for finding a flow with HASH. */
static inline void flow_table_prefetch_slot(const struct flow_table *table, uint32_t hash)
{
    prefetch_line(&table->slots[hash & table->slot_mask]);
}

#endif
