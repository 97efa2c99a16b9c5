/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes SAs, one row each. */
#ifndef GAPWATCH_STORE_WRITER_SA_WRITER_H
#define GAPWATCH_STORE_WRITER_SA_WRITER_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"
#include "lineage/names.h"
#include "track/sequence/changes.h"

struct sa_writer {
    sqlite3_stmt *upsert;
    sqlite3_stmt *count;
    sqlite3_stmt *find;  /* the row of an SA without an upper half */
    sqlite3_stmt *shift; /* its gaps */
    int64_t capture;
};

/* Prepares WRITER. Returns 0, or -1 with ERROR set; release it in either case. */
int sa_writer_init(struct sa_writer *writer, sqlite3 *database, int64_t capture,
                   struct error *error);
/* Frees the statements of WRITER. */
void sa_writer_release(struct sa_writer *writer);

/* Writes CHANGE, an SA of the flow with row FLOW, in the open transaction. EARLIER is the number of
 * SAs that the flow had before it was forgotten, and NAMES are those of its bonds. Returns 0, or -1
 * with ERROR set. */
int sa_writer_write(struct sa_writer *writer, const struct sa_change *change, int64_t flow,
                    uint32_t earlier, const struct bond_names *names, struct error *error);

/* Sets *COUNT to the number of SAs of the flow with row FLOW. Returns 0, or -1 with ERROR set. */
int sa_writer_count(struct sa_writer *writer, int64_t flow, uint32_t *count, struct error *error);

#endif
