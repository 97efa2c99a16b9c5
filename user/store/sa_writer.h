/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes SAs, a row each. */
#ifndef GAPWATCH_STORE_SA_WRITER_H
#define GAPWATCH_STORE_SA_WRITER_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"
#include "track/changes.h"

struct sa_writer {
    sqlite3_stmt *upsert;
    sqlite3_stmt *count;
    int64_t capture;
};

/* Returns 0, or -1 with ERROR set; release it either way. */
int sa_writer_init(struct sa_writer *writer, sqlite3 *database, int64_t capture,
                   struct error *error);
void sa_writer_release(struct sa_writer *writer);

/*
 * Writes CHANGE, an SA of the flow with row FLOW, in the transaction that is open. The flow had
 * EARLIER SAs before it was forgotten and came back. Returns 0, or -1 with ERROR set.
 */
int sa_writer_write(struct sa_writer *writer, const struct sa_change *change, int64_t flow,
                    uint32_t earlier, struct error *error);

/* Sets *COUNT to how many SAs the flow with row FLOW has. Returns 0, or -1 with ERROR set. */
int sa_writer_count(struct sa_writer *writer, int64_t flow, uint32_t *count, struct error *error);

#endif
