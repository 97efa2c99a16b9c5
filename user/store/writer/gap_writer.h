/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes gaps, one row each, and adds their loss to the intervals in which they happened. */
#ifndef GAPWATCH_STORE_WRITER_GAP_WRITER_H
#define GAPWATCH_STORE_WRITER_GAP_WRITER_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"
#include "store/database/refusal.h"
#include "store/writer/booking.h"
#include "store/writer/interval_writer.h"
#include "store/writer/lives.h"
#include "track/sequence/gap.h"

/* The loss of one flow in one interval, of consecutive gaps. */
struct gap_sum {
    int64_t interval; /* 0: empty */
    int64_t flow;
    struct interval_row figures;
};

struct gap_writer {
    sqlite3_stmt *insert;
    sqlite3_stmt *find;
    sqlite3_stmt *withdraw;
    sqlite3_stmt *update;
    int64_t capture;
    struct interval_writer *intervals; /* not owned, like the next member */
    struct lives *ended;
    struct bookings *bookings; /* not owned, like the next members: of the present batch */
    int64_t *unbooked;         /* loss of the capture that is in no interval yet, by cause */
    struct refusals *refusals;
    struct gap_sum sum;
    const struct gap *found; /* the gap that `flow` and `sa` were looked up for, or NULL */
    int64_t flow;            /* 0: no row */
    int64_t sa;              /* 0: no row */
};

/* Prepares WRITER. Returns 0, or -1 with ERROR set; release it in either case. */
int gap_writer_init(struct gap_writer *writer, sqlite3 *database, int64_t capture,
                    struct interval_writer *intervals, struct error *error);
/* Frees the statements of WRITER. */
void gap_writer_release(struct gap_writer *writer);

/*
 * Writes the gaps of LOG in the open transaction; their flows and SAs have rows already, and ENDED
 * has those of their flows' lives that are over. Subtracts their loss from BOOKINGS and UNBOOKED.
 * Adds the number of gaps whose flow has no row to OMITTED. Returns 0, or -1 with ERROR set.
 */
int gap_writer_write(struct gap_writer *writer, const struct gap_log *log, struct lives *ended,
                     struct bookings *bookings, int64_t unbooked[CAUSE_COUNT],
                     struct refusals *refusals, uint64_t *omitted, struct error *error);

#endif
