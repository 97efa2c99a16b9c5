/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The rows of the flows that the writer wrote, and the figures in these rows, by shard and by the
 * tracker's handle. Only committed figures are remembered. */
#ifndef GAPWATCH_STORE_WRITER_FLOW_MEMORY_H
#define GAPWATCH_STORE_WRITER_FLOW_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "store/writer/flow_row.h"
#include "store/writer/lives.h"

enum silence {
    NOT_SILENT,
    BECOMING_SILENT, /* its row will be marked when the transaction is committed */
    IS_SILENT,
};

struct known_flow {
    struct flow_key key; /* the handle may be reused, even if no departure was reported */
    int64_t row;         /* 0: nothing is known for this handle */
    uint64_t packets;
    uint64_t bytes;
    uint64_t lost[CAUSE_COUNT];
    uint64_t gaps;
    uint64_t gaps_elsewhere; /* gaps whose rows are in a database that is gone */
    uint64_t unobserved;
    struct flow_row *earlier; /* figures from before it was forgotten, or NULL; owned */
    uint64_t left_in;         /* the attempt in which it leaves */
    uint64_t last_ns;         /* time of its newest frame */
    uint64_t longest_ns;      /* longest pause between two frames */
    uint8_t silence;          /* enum silence */
};

struct flow_memory {
    struct known_flow *flows; /* by handle */
    size_t capacity;
    size_t becoming_silent;
    struct lives ended; /* lives of flows that left */
};

/* Frees everything that MEMORY holds. */
void flow_memory_release(struct flow_memory *memory);

/* Forgets the rows of all flows in MEMORY, because their database is gone. */
void flow_memory_forget_rows(struct flow_memory *memory);

/* The entry of HANDLE, or NULL: no memory. It is valid until the next call. */
struct known_flow *flow_memory_at(struct flow_memory *memory, uint32_t handle);

/* Whether KNOWN belongs to the flow of CHANGE. */
int flow_memory_is_of(const struct known_flow *known, const struct flow_change *change);

/* How many gaps of CHANGE have rows in a database that is gone, when its flow has no row yet. KNOWN
 * is the entry of its handle. */
uint64_t flow_memory_gaps_elsewhere(const struct known_flow *known,
                                    const struct flow_change *change);

/* Moves the times of all flows in MEMORY by STEP_NS, because the clock was set. */
void flow_memory_shift_time(struct flow_memory *memory, int64_t step_ns);

/* Completes marking flows as silent, or undoes it unless IS_COMMITTED. */
void flow_memory_settle_silence(struct flow_memory *memory, int is_committed);

/* Notes that CHANGE was committed to ROW. Takes ownership of EARLIER. */
void flow_memory_update(struct flow_memory *memory, const struct flow_change *change, int64_t row,
                        struct flow_row *earlier);

#endif
