/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What the writer remembers of the flows that it wrote: their rows, and how far it wrote them. By
 * shard and handle, as the tracker knows them. Nothing is remembered before it is committed.
 */
#ifndef GAPWATCH_STORE_FLOW_MEMORY_H
#define GAPWATCH_STORE_FLOW_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "store/flow_row.h"

enum silence {
    NOT_SILENT,
    BECOMING_SILENT, /* its row says so, if the transaction is committed */
    IS_SILENT,
};

struct known_flow {
    struct flow_key key; /* handles are used again, also after a leave that nobody told */
    int64_t row;         /* 0: nothing is known of this handle */
    uint64_t packets;
    uint64_t bytes;
    uint64_t lost[CAUSE_COUNT];
    uint64_t gaps;
    uint64_t unobserved;
    struct flow_row
        *earlier;        /* its figures before it was forgotten and came back; or NULL; owned */
    uint64_t left_in;    /* the attempt in which it leaves */
    uint64_t last_ns;    /* its newest frame */
    uint64_t longest_ns; /* between two of its frames */
    uint8_t silence;     /* enum silence */
};

struct flow_memory {
    struct known_flow *flows; /* by handle */
    size_t capacity;
    size_t becoming_silent;
};

void flow_memory_release(struct flow_memory *memory);

/* What is known of HANDLE, or NULL when there is no memory for it. Valid until the next call. */
struct known_flow *flow_memory_at(struct flow_memory *memory, uint32_t handle);

/* Whether KNOWN is what is known of the flow of CHANGE. */
int flow_memory_is_of(const struct known_flow *known, const struct flow_change *change);

/* Those that were becoming silent are, if that was committed. */
void flow_memory_settle_silence(struct flow_memory *memory, int is_committed);

/* CHANGE was committed to ROW. Takes EARLIER. */
void flow_memory_update(struct flow_memory *memory, const struct flow_change *change, int64_t row,
                        struct flow_row *earlier);

#endif
