/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes the row of a capture: when it begins, with each flush, and when it ends. */
#ifndef GAPWATCH_STORE_CAPTURE_WRITER_H
#define GAPWATCH_STORE_CAPTURE_WRITER_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"
#include "figures/rows.h"

struct capture_writer {
    int64_t capture; /* its row */
    sqlite3_stmt *add;
    sqlite3_stmt *end;
};

/* Adds ROW, of which only what is known when a capture begins is taken. Returns 0, or -1 with ERROR
 * set; release the writer either way. */
int capture_writer_begin(struct capture_writer *writer, sqlite3 *database,
                         const struct capture_row *row, struct error *error);
void capture_writer_release(struct capture_writer *writer);

/* Changes the row by what ROW has of one flush, in the transaction that is open. Returns 0, or -1
 * with ERROR set. */
int capture_writer_add(struct capture_writer *writer, const struct capture_row *row,
                       struct error *error);

/* Says in the row that the capture is complete. Returns 0, or -1 with ERROR set. */
int capture_writer_end(struct capture_writer *writer, const struct capture_row *row,
                       struct error *error);

#endif
