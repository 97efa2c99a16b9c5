/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes batches into the database: each is one transaction, whole or not at all. */
#ifndef GAPWATCH_STORE_WRITER_H
#define GAPWATCH_STORE_WRITER_H

#include <sqlite3.h>
#include <stdint.h>

#include "store/batch.h"
#include "store/capture_writer.h"
#include "store/event_writer.h"
#include "store/flow_writer.h"
#include "store/gap_writer.h"
#include "store/interval_writer.h"
#include "store/refusal.h"

struct writer_shard {
    struct source_statistics seen; /* the newest */
    uint64_t evicted;
    int64_t unbooked[CAUSE_COUNT]; /* what its flows lost, and no interval has yet */
    uint64_t silence_ns;           /* when silent flows were looked for, on the monotonic clock */
};

struct writer {
    const struct store_options *options;
    sqlite3 *database;
    int64_t capture; /* id of its row */
    struct flow_writer flows;
    struct gap_writer gaps;
    struct event_writer events;
    struct interval_writer intervals;
    struct capture_writer captures;
    sqlite3_stmt *add_counter;
    sqlite3_stmt *end_silent;
    struct writer_shard *shards;
    uint64_t last_ns; /* the newest frame */
};

/* What writing a batch left out. */
struct left_out {
    uint64_t gaps;
    struct refusals refusals;
};

/* Opens the database of OPTIONS and adds the capture's row. Returns 0, or -1 with ERROR set; close
 * it either way. */
int writer_open(struct writer *writer, const struct store_options *options, struct error *error);
void writer_close(struct writer *writer);

/*
 * Writes BATCH. Returns 0, or -1 with ERROR set: then nothing of it is in the database, and it can
 * be tried again. Sets LEFT_OUT.
 */
int writer_write(struct writer *writer, const struct store_batch *batch, struct left_out *left_out,
                 struct error *error);

/* Says in the capture's row that it is complete. Returns 0, or -1 with ERROR set. */
int writer_end(struct writer *writer, struct error *error);

#endif
