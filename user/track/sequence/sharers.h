/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Flows that share their SPI and destination (or a receiver's index and one address), so that one
 * of them may continue another.
 */
#ifndef GAPWATCH_TRACK_SEQUENCE_SHARERS_H
#define GAPWATCH_TRACK_SEQUENCE_SHARERS_H

#include "track/sequence/moves.h"

/* A flow that another one may continue. */
struct sharer {
    struct flow *flow;
    uint32_t hash;
    uint32_t next; /* of the same bucket, or POOL_NONE */
};

/* The sharer with HANDLE. */
static inline struct sharer *sharer_at(const struct moves *moves, uint32_t handle)
{
    return pool_at(&moves->sharers, handle);
}

/* Makes the set of sharers in MOVES empty, for at most MAX_FLOWS. Returns 0, or -1: no memory.
 * moves_release() frees it. */
int sharers_init(struct moves *moves, uint32_t max_flows);

/* The hash of KEY without what may change. */
uint32_t sharers_hash(const struct moves *moves, const struct flow_key *key);

/* Whether A and B are the same but for one address that may change. */
int sharers_are_alike(const struct flow_key *a, const struct flow_key *b);

/* Adds FLOW, of which HASH is sharers_hash(). Without memory it is left out. */
void sharers_add(struct moves *moves, struct flow *flow, uint32_t hash);

/* Removes FLOW, if it is there. */
void sharers_remove(struct moves *moves, const struct flow *flow);

#endif
