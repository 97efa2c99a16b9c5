/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes gaps, a row each. */
#ifndef GAPWATCH_STORE_GAP_WRITER_H
#define GAPWATCH_STORE_GAP_WRITER_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"
#include "track/gap.h"

struct gap_writer {
    sqlite3_stmt *insert;
    int64_t capture;
};

/* Returns 0, or -1 with ERROR set; release it either way. */
int gap_writer_init(struct gap_writer *writer, sqlite3 *database, int64_t capture,
                    struct error *error);
void gap_writer_release(struct gap_writer *writer);

/*
 * Writes the gaps of LOG, whose flows have rows already, in the transaction that is open. Adds to
 * OMITTED those that found no row to belong to. Returns 0, or -1 with ERROR set.
 */
int gap_writer_write(struct gap_writer *writer, const struct gap_log *log, uint64_t *omitted,
                     struct error *error);

#endif
