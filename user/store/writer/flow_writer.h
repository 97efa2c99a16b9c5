/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes the flows of a batch: their rows, those of their SAs, and their part of the interval. */
#ifndef GAPWATCH_STORE_WRITER_FLOW_WRITER_H
#define GAPWATCH_STORE_WRITER_FLOW_WRITER_H

#include <sqlite3.h>
#include <stdint.h>

#include "outcome.h"
#include "store/database/refusal.h"
#include "store/writer/batch.h"
#include "store/writer/booking.h"
#include "store/writer/event_writer.h"
#include "store/writer/flow_memory.h"
#include "store/writer/interval_writer.h"
#include "store/writer/lineage_writer.h"
#include "store/writer/sa_writer.h"
#include "track/summary.h"

/* What the flows of a batch add to their capture. A sum that falls wraps below 2^64. */
struct flow_totals {
    struct summary sum; /* its member `flows` counts new rows */
    uint64_t new_rows[OUTCOME_PROTOCOLS_END];
    uint64_t numbered;       /* packets that carry sequence numbers */
    uint64_t gaps_elsewhere; /* gaps of new rows that have rows in a database that is gone */
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
    struct lineage_writer bonds;
    struct event_writer *events; /* not owned, like the next three members */
    struct interval_writer *intervals;
    struct refusals *refusals;
    struct flow_memory *memory; /* one for each shard */
    uint64_t attempt;
    struct flow_write *writes; /* for the present batch */
    size_t write_count;
    struct bookings bookings; /* packets lost by these flows */
};

/* Prepares WRITER, with the MEMORY of each shard, which must outlive it. Returns 0, or -1 with
 * ERROR set; release it in either case. */
int flow_writer_init(struct flow_writer *writer, sqlite3 *database, int64_t capture,
                     struct flow_memory *memory, struct event_writer *events,
                     struct interval_writer *intervals, struct error *error);
/* Frees everything that WRITER holds. */
void flow_writer_release(struct flow_writer *writer);

/*
 * Writes the flows of BATCH in the open transaction, with their packets and bytes in the interval
 * with row INTERVAL, and adds them to TOTALS; their loss is in the writer's bookings. Rows that the
 * database refuses are left out and counted in REFUSALS. Returns 0, or -1 with ERROR set. Call
 * flow_writer_settle() once it is known whether the transaction was committed.
 */
int flow_writer_write(struct flow_writer *writer, const struct store_batch *batch, int64_t interval,
                      struct refusals *refusals, struct flow_totals *totals, struct error *error);

/*
 * Marks the flows of SHARD that are silent at NOW_NS, in the same transaction. Called before its
 * batch is written, so that a flow that sends again is not silent afterwards. Returns 0, or -1 with
 * ERROR set.
 */
int flow_writer_mark_silent(struct flow_writer *writer, unsigned shard, uint64_t now_ns,
                            struct error *error);
/* Called after flow_writer_write(), to remember or forget what it wrote of BATCH. */
void flow_writer_settle(struct flow_writer *writer, const struct store_batch *batch,
                        int is_committed);

#endif
