/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Removes rows in the open transaction, a few thousand at a time. Each function takes one step and
 * returns the number of rows that it removed or changed: 0 when there is nothing left to do, or -1
 * when it failed and the transaction must be rolled back.
 */
#ifndef GAPWATCH_STORE_RETENTION_REMOVAL_H
#define GAPWATCH_STORE_RETENTION_REMOVAL_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"

#define REMOVE_EVERYTHING UINT64_MAX /* a limit after all times */
#define REMOVE_COPIED_ALL INT64_MAX  /* a limit after all changes */

/* What may be removed: rows that are older, and were copied to all targets of `ship`. */
struct removal_limit {
    uint64_t before_ns;
    int64_t copied; /* rows of a later change stay */
};

#define REMOVAL_QUERIES 18

struct removal {
    sqlite3 *database; /* not owned */
    sqlite3_stmt *queries[REMOVAL_QUERIES];
};

/* Prepares REMOVAL. Returns 0, or -1 with ERROR set; release it in either case. */
int removal_init(struct removal *removal, sqlite3 *database, struct error *error);
/* Frees the statements of REMOVAL. */
void removal_release(struct removal *removal);

/* Removes intervals of CAPTURE within LIMIT, by their start. */
int removal_intervals(struct removal *removal, int64_t capture, struct removal_limit limit);

/* Joins shorter intervals of CAPTURE within LIMIT to intervals of SECONDS, the oldest first, up to
 * the first one of which a part was not copied. */
int removal_thin(struct removal *removal, int64_t capture, struct removal_limit limit,
                 unsigned seconds);

/* Removes gaps of CAPTURE within LIMIT. */
int removal_gaps(struct removal *removal, int64_t capture, struct removal_limit limit);

/* Removes SAs of CAPTURE that ended within LIMIT, even if their flow goes on. */
int removal_sas(struct removal *removal, int64_t capture, struct removal_limit limit);

/* Removes events of CAPTURE within LIMIT. */
int removal_events(struct removal *removal, int64_t capture, struct removal_limit limit);

/* Removes flows of CAPTURE within LIMIT, by their last frame, with their gaps, and updates the
 * number of flows in the capture's row, which is a change to be copied. */
int removal_flows(struct removal *removal, int64_t capture, struct removal_limit limit);

/* Removes everything of CAPTURE; its own row comes last. */
int removal_capture(struct removal *removal, int64_t capture);

#endif
