/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes the row of a capture: at its start, with each flush, and at its end. */
#ifndef GAPWATCH_STORE_WRITER_CAPTURE_WRITER_H
#define GAPWATCH_STORE_WRITER_CAPTURE_WRITER_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"
#include "figures/rows.h"

struct capture_writer {
    int64_t capture; /* its row */
    sqlite3_stmt *add;
    sqlite3_stmt *end;
};

/* Adds ROW with the figures that are known when a capture starts. Returns 0, or -1 with ERROR set;
 * release the writer in either case. */
int capture_writer_begin(struct capture_writer *writer, sqlite3 *database,
                         const struct capture_row *row, struct error *error);
/* Frees the statements of WRITER. */
void capture_writer_release(struct capture_writer *writer);

/* Adds the figures of one flush, ROW, to the capture's row, in the open transaction. Returns 0, or
 * -1 with ERROR set. */
int capture_writer_add(struct capture_writer *writer, const struct capture_row *row,
                       struct error *error);

/* Marks the capture as complete. Returns 0, or -1 with ERROR set. */
int capture_writer_end(struct capture_writer *writer, const struct capture_row *row,
                       struct error *error);

#endif
