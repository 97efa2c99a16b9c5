/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes batches to the database. Each is one transaction. */
#ifndef GAPWATCH_STORE_WRITER_WRITER_H
#define GAPWATCH_STORE_WRITER_WRITER_H

#include <sqlite3.h>
#include <stdint.h>

#include "store/database/place.h"
#include "store/database/refusal.h"
#include "store/writer/batch.h"
#include "store/writer/capture_writer.h"
#include "store/writer/event_writer.h"
#include "store/writer/flow_writer.h"
#include "store/writer/gap_writer.h"
#include "store/writer/interval_writer.h"
#include "store/writer/options.h"
#include "store/writer/sample_writer.h"

struct writer_shard {
    struct source_statistics seen; /* the newest statistics of its source */
    uint64_t evicted;
    int64_t unbooked[CAUSE_COUNT]; /* loss of its flows that is in no interval yet */
    uint64_t silence_ns; /* when silent flows were last looked for, on the monotonic clock */
};

struct writer {
    const struct store_options *options;
    struct flow_memory *memory; /* one for each shard, like the next member */
    struct writer_shard *shards;
    int64_t change;    /* number of the present transaction, in all rows that it writes */
    sqlite3 *database; /* NULL: not open, like what follows */
    struct place place;
    int64_t capture; /* id of its row */
    struct flow_writer flows;
    struct gap_writer gaps;
    struct event_writer events;
    struct sample_writer samples;
    struct interval_writer intervals;
    struct capture_writer captures;
    sqlite3_stmt *add_counter;
    sqlite3_stmt *end_silent;
    sqlite3_stmt *next_change;
    uint64_t last_ns; /* time of the newest frame */
};

/* What was left out when a batch was written. */
struct left_out {
    uint64_t flows; /* that left when there was no more room; their gaps are left out, too */
    uint64_t gaps;
    struct refusals refusals;
};

/* Opens the database of OPTIONS and adds the capture's row. Returns 0, or -1 with ERROR set;
 * release WRITER in either case. */
int writer_open(struct writer *writer, const struct store_options *options, struct error *error);
/* Closes the database of WRITER and frees everything. */
void writer_release(struct writer *writer);

/* Whether the database of WRITER was deleted, moved or replaced since it was opened. */
int writer_has_lost_database(const struct writer *writer);

/* Whether another program emptied the database of WRITER, or deleted its log, so that others cannot
 * read what is written. */
int writer_has_damaged_database(const struct writer *writer);

/* Closes the database, and makes it anew at its path, with a new row for the capture. Flows get
 * rows when they change next, with their figures since the capture began. Returns 0, or -1 with
 * ERROR set: the database is not open, and the call can be repeated. */
int writer_make_anew(struct writer *writer, struct error *error);

/* Moves the times of SHARD's flows in memory by STEP_NS, because the clock was set; the rows keep
 * theirs. Otherwise all flows would be silent after a step. */
void writer_shift_time(struct writer *writer, unsigned shard, int64_t step_ns);

/* Writes BATCH to the open database. Sets LEFT_OUT. Returns 0, or -1 with ERROR set: then nothing
 * of it is in the database, and the call can be repeated. */
int writer_write(struct writer *writer, const struct store_batch *batch, struct left_out *left_out,
                 struct error *error);

/* Marks the capture as complete. Returns 0, or -1 with ERROR set. */
int writer_end(struct writer *writer, struct error *error);

#endif
