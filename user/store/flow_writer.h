/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes the flows of a batch: their rows, those of their SAs, and their part in the interval. */
#ifndef GAPWATCH_STORE_FLOW_WRITER_H
#define GAPWATCH_STORE_FLOW_WRITER_H

#include <sqlite3.h>
#include <stdint.h>

#include "outcome.h"
#include "store/batch.h"
#include "store/booking.h"
#include "store/event_writer.h"
#include "store/flow_memory.h"
#include "store/interval_writer.h"
#include "store/refusal.h"
#include "store/sa_writer.h"
#include "track/summary.h"

/* What the flows of a batch add to their capture; a sum that falls is that much below 2^64. */
struct flow_totals {
    struct summary sum; /* its flows are new rows */
    uint64_t new_rows[OUTCOME_PROTOCOLS_END];
};

struct flow_write;

struct flow_writer {
    sqlite3 *database; /* not owned */
    int64_t capture;
    sqlite3_stmt *insert;
    sqlite3_stmt *update;
    sqlite3_stmt *find;
    sqlite3_stmt *silence;
    struct sa_writer sas;
    struct event_writer *events; /* not owned, like the next two */
    struct interval_writer *intervals;
    struct refusals *refusals;
    struct flow_memory *memory; /* of each shard */
    unsigned shards;
    uint64_t attempt;
    struct flow_write *writes; /* of the batch at hand */
    size_t write_count;
    struct bookings bookings; /* what they lost */
};

/* Returns 0, or -1 with ERROR set; release it either way. */
int flow_writer_init(struct flow_writer *writer, sqlite3 *database, int64_t capture,
                     unsigned shards, struct event_writer *events,
                     struct interval_writer *intervals, struct error *error);
void flow_writer_release(struct flow_writer *writer);

/*
 * Writes the flows of BATCH in the transaction that is open, their packets and bytes in interval
 * row INTERVAL, and sums them up in TOTALS; what they lost is in the writer's bookings. Rows that
 * are refused are left out, and counted in REFUSALS. Returns 0, or -1 with ERROR set. Afterwards
 * call flow_writer_settle(), once it is known whether the transaction was committed.
 */
int flow_writer_write(struct flow_writer *writer, const struct store_batch *batch, int64_t interval,
                      struct refusals *refusals, struct flow_totals *totals, struct error *error);

/* Marks the flows of SHARD that are silent at NOW_NS, in the same transaction, before its batch is
 * written: who sends again there is silent no more. Returns 0, or -1 with ERROR set. */
int flow_writer_mark_silent(struct flow_writer *writer, unsigned shard, uint64_t now_ns,
                            struct error *error);
void flow_writer_settle(struct flow_writer *writer, const struct store_batch *batch,
                        int is_committed);

#endif
