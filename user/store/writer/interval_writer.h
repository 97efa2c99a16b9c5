/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Writes intervals, and each flow's part of them. Packets and bytes belong to the interval in which
 * they were collected. A loss belongs to the interval in which it happened, which may have been
 * written long ago, and may have been joined to a longer one.
 */
#ifndef GAPWATCH_STORE_WRITER_INTERVAL_WRITER_H
#define GAPWATCH_STORE_WRITER_INTERVAL_WRITER_H

#include <sqlite3.h>
#include <stdint.h>

#include "figures/rows.h"
#include "store/writer/batch.h"

struct interval_writer {
    int64_t capture;
    uint64_t length_ns; /* length of an interval that is created for a loss without one */
    sqlite3_stmt *open;
    sqlite3_stmt *find;
    sqlite3_stmt *add;
    sqlite3_stmt *add_flow;
    struct batch_interval found; /* the interval that was found last in this transaction */
    int64_t found_row;           /* 0: none */
};

/* Prepares WRITER. LENGTH_NS is the length of the capture's shortest intervals. Returns 0, or -1
 * with ERROR set; release it in either case. */
int interval_writer_init(struct interval_writer *writer, sqlite3 *database, int64_t capture,
                         uint64_t length_ns, struct error *error);
/* Frees the statements of WRITER. */
void interval_writer_release(struct interval_writer *writer);

/* Called when a transaction starts: makes WRITER forget rows found in an earlier one, which may be
 * gone. */
void interval_writer_begin(struct interval_writer *writer);

/* Sets *ROW to the row of INTERVAL, which is created if necessary. Returns 0, or -1 with
 * ERROR set. */
int interval_open(struct interval_writer *writer, const struct batch_interval *interval,
                  int64_t *row, struct error *error);

/* Sets *ROW to the row of the interval that contains TIME_NS, which is created if necessary.
 * Returns 0, or -1 with ERROR set. */
int interval_at(struct interval_writer *writer, uint64_t time_ns, int64_t *row,
                struct error *error);

/* Adds the figures of ADDED to the interval with row INTERVAL. Withdrawn losses are negative.
 * Returns 0, or -1 with ERROR set. */
int interval_add(struct interval_writer *writer, int64_t interval, const struct interval_row *added,
                 struct error *error);

/* Adds the figures of ADDED to the part that the flow with row FLOW has in that interval. */
int interval_add_flow(struct interval_writer *writer, int64_t interval, int64_t flow,
                      const struct interval_row *added, struct error *error);

#endif
