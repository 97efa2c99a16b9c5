/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Removing rows, a few thousand at a time, in the transaction that is open. Each of these takes one
 * step, and returns how many rows it removed or changed: 0 when there is nothing left to do, or -1
 * when it failed and the transaction is to be rolled back.
 */
#ifndef GAPWATCH_STORE_REMOVAL_H
#define GAPWATCH_STORE_REMOVAL_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"

#define REMOVE_EVERYTHING UINT64_MAX /* a limit behind every time */

#define REMOVAL_QUERIES 16

struct removal {
    sqlite3 *database; /* not owned */
    sqlite3_stmt *queries[REMOVAL_QUERIES];
};

/* Returns 0, or -1 with ERROR set; release it either way. */
int removal_init(struct removal *removal, sqlite3 *database, struct error *error);
void removal_release(struct removal *removal);

/* Intervals of CAPTURE that begin before LIMIT_NS. */
int removal_intervals(struct removal *removal, int64_t capture, uint64_t limit_ns);

/* Shorter intervals of CAPTURE that begin before LIMIT_NS become SECONDS long. */
int removal_thin(struct removal *removal, int64_t capture, uint64_t limit_ns, unsigned seconds);

/* Gaps of CAPTURE before LIMIT_NS. */
int removal_gaps(struct removal *removal, int64_t capture, uint64_t limit_ns);

/* SAs of CAPTURE that ended before LIMIT_NS, also of flows that go on. */
int removal_sas(struct removal *removal, int64_t capture, uint64_t limit_ns);

/* Events of CAPTURE before LIMIT_NS. */
int removal_events(struct removal *removal, int64_t capture, uint64_t limit_ns);

/* Flows of CAPTURE whose last frame came before LIMIT_NS, and their gaps. The capture's row counts
 * the rows of flows. */
int removal_flows(struct removal *removal, int64_t capture, uint64_t limit_ns);

/* CAPTURE altogether; its row comes last. */
int removal_capture(struct removal *removal, int64_t capture);

#endif
