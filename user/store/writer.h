/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes batches into the database: each is one transaction, whole or not at all. */
#ifndef GAPWATCH_STORE_WRITER_H
#define GAPWATCH_STORE_WRITER_H

#include <sqlite3.h>
#include <stdint.h>

#include "store/batch.h"
#include "store/flow_writer.h"
#include "store/gap_writer.h"

struct writer {
    const struct store_options *options;
    sqlite3 *database;
    int64_t capture; /* id of its row */
    struct flow_writer flows;
    struct gap_writer gaps;
    sqlite3_stmt *open_interval;
    sqlite3_stmt *add_interval;
    sqlite3_stmt *add_counter;
    sqlite3_stmt *add_capture;
    sqlite3_stmt *end_capture;
    struct source_statistics *seen; /* the newest of each shard, like the next */
    uint64_t *evicted;
};

/* Opens the database of OPTIONS and adds the capture's row. Returns 0, or -1 with ERROR set; close
 * it either way. */
int writer_open(struct writer *writer, const struct store_options *options, struct error *error);
void writer_close(struct writer *writer);

/*
 * Writes BATCH. Returns 0, or -1 with ERROR set: then nothing of it is in the database, and it can
 * be tried again. Sets *OMITTED to the gaps that were left out.
 */
int writer_write(struct writer *writer, const struct store_batch *batch, uint64_t *omitted,
                 struct error *error);

/* Says in the capture's row that it is complete. Returns 0, or -1 with ERROR set. */
int writer_end(struct writer *writer, struct error *error);

#endif
