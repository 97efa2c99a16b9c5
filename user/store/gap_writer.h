/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes gaps, a row each, and books what was lost in them in the intervals of their times. */
#ifndef GAPWATCH_STORE_GAP_WRITER_H
#define GAPWATCH_STORE_GAP_WRITER_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"
#include "store/booking.h"
#include "store/interval_writer.h"
#include "store/refusal.h"
#include "track/gap.h"

/* Loss of one flow in one interval, of gaps that follow each other. */
struct gap_sum {
    int64_t interval; /* 0: nothing */
    int64_t flow;
    struct interval_row figures;
};

struct gap_writer {
    sqlite3_stmt *insert;
    sqlite3_stmt *find;
    sqlite3_stmt *withdraw;
    int64_t capture;
    struct interval_writer *intervals; /* not owned, like the next, which are the batch's */
    struct bookings *bookings;
    int64_t *unbooked; /* what the capture lost and no interval has yet, by cause */
    struct refusals *refusals;
    struct gap_sum sum;
    const struct gap *found; /* whose flow and SA are the next; NULL: nobody's */
    int64_t flow;            /* 0: it has no row */
    int64_t sa;              /* 0: it has no row */
};

/* Returns 0, or -1 with ERROR set; release it either way. */
int gap_writer_init(struct gap_writer *writer, sqlite3 *database, int64_t capture,
                    struct interval_writer *intervals, struct error *error);
void gap_writer_release(struct gap_writer *writer);

/*
 * Writes the gaps of LOG, whose flows and SAs have rows already, in the transaction that is open.
 * What they say is taken from BOOKINGS and UNBOOKED. Adds to OMITTED those that found no row to
 * belong to. Returns 0, or -1 with ERROR set.
 */
int gap_writer_write(struct gap_writer *writer, const struct gap_log *log,
                     struct bookings *bookings, int64_t unbooked[CAUSE_COUNT],
                     struct refusals *refusals, uint64_t *omitted, struct error *error);

#endif
