/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What leaves the database, and when. With `retain_days` D:
 *
 *   intervals   as long as a flush up to an age of D/30, then a minute up to D/6, then an hour up
 *               to D/2, then none
 *   gaps        up to D; likewise flows that were idle for so long, and whole captures that ended
 *               so long ago
 *
 * Where that takes more than `max_bytes`, all of these ages are halved until it fits: the oldest
 * goes first, and what is newest stays. What a capture of files holds is as old as the capture,
 * whatever its frames' times say. Everything goes in small steps, between the writer's batches.
 */
#ifndef GAPWATCH_STORE_RETENTION_H
#define GAPWATCH_STORE_RETENTION_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/units.h"
#include "store/removal.h"
#include "store/writer.h"

/* A transaction of it lasts about so long, and so much later comes the next one. */
#define RETENTION_STEP_NS  (NS_PER_SECOND / 50)
#define RETENTION_PAUSE_NS (NS_PER_SECOND / 10)

#define RETENTION_QUERIES 8

struct retention {
    const struct writer *writer; /* not owned */
    struct removal removal;
    sqlite3_stmt *queries[RETENTION_QUERIES];
    uint64_t now_ns;
    uint64_t next_round_ns;
    int64_t capture; /* done last in this round; 0: none, the round is to begin */
    unsigned halvings;
};

/* Returns 0, or -1 with ERROR set; release it either way. WRITER must stay. */
int retention_init(struct retention *retention, const struct writer *writer, struct error *error);
void retention_release(struct retention *retention);

/* Removes for BUDGET_NS, or a little longer. Returns whether there is more to do at once. */
int retention_run(struct retention *retention, uint64_t budget_ns);

/* Removes what is to be removed now, for some seconds at most. */
void retention_finish(struct retention *retention);

/* Removes the captures that came before the writer's, of the same source and method, unless
 * somebody still writes them. Returns 0, or -1 with ERROR set. */
int retention_replace(struct retention *retention, struct error *error);

#endif
