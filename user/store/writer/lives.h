/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A flow may leave the table and come back before its gaps are written. Then its SAs are numbered
 * anew, so a gap has to know which life of its flow it is of. */
#ifndef GAPWATCH_STORE_WRITER_LIVES_H
#define GAPWATCH_STORE_WRITER_LIVES_H

#include <stddef.h>
#include <stdint.h>

#include "track/sequence/changes.h"

/* A life of a flow that ended when the flow left the table. */
struct life {
    struct flow_key key;
    uint32_t departure;   /* as in struct flow_change */
    uint32_t earlier_sas; /* SAs of the flow before this life */
};

/* The lives that ended since gaps were last written. */
struct lives {
    struct life *lives;
    size_t count;
    size_t capacity;
    uint32_t first_new; /* the first departure that is not committed, when there is any */
    int has_new;
    int is_sorted;
};

/* Frees what LIVES holds. */
void lives_release(struct lives *lives);

/* Adds the life that ended with CHANGE. Departures are added in their order. Returns 0, or -1: no
 * memory. */
int lives_add(struct lives *lives, const struct flow_change *change, uint32_t earlier_sas);

/* The transaction is over. What was added in it stays if it IS_COMMITTED; nothing is left if it
 * also WROTE_GAPS. */
void lives_settle(struct lives *lives, int is_committed, int wrote_gaps);

/* The life that GAP is of, or NULL: its flow has not left since. */
const struct life *lives_find(struct lives *lives, const struct gap *gap);

#endif
