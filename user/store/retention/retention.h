/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Decides what is removed from the database, and when. With `retain_days` D:
 *
 * Intervals have the length of a flush up to an age of D/30. They are then joined to a minute up to
 * D/6, then to an hour up to D/2, and then removed. Gaps, idle flows and ended captures are kept up
 * to D.
 *
 * When the database exceeds `max_bytes`, all these ages are halved until it fits, so that the
 * oldest is removed first. Results that `gapwatch ship` has not shipped yet
 * (store/database/ship_cursor.h) are kept at any age, unless the database exceeds that size when
 * all others are gone: then they go, the oldest first, and the store reports it. The age of data
 * from files is that of the capture, not that of the frames. Removal is done in small steps between
 * the writer's batches.
 */
#ifndef GAPWATCH_STORE_RETENTION_RETENTION_H
#define GAPWATCH_STORE_RETENTION_RETENTION_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/units.h"
#include "store/retention/removal.h"
#include "store/writer/writer.h"

/* The duration of a transaction for removal, and the pause before the next one. */
#define RETENTION_STEP_NS  (NS_PER_SECOND / 50)
#define RETENTION_PAUSE_NS (NS_PER_SECOND / 10)

#define RETENTION_QUERIES 8

struct retention {
    const struct writer *writer; /* not owned */
    struct removal removal;
    sqlite3_stmt *queries[RETENTION_QUERIES];
    uint64_t now_ns;
    uint64_t next_round_ns;
    int64_t capture;       /* capture done last in this round; 0: the round has not begun */
    unsigned halvings;     /* of the ages of what was copied */
    unsigned early_rounds; /* 0: what was not copied stays; else by one more than its ages are
                              halved */
    int64_t copied;        /* all programs that copy results have copied those up to this change */
    int64_t change;        /* the newest change at the start of the round */
    int is_taking_early;   /* and has reported that it removes results that were not copied */
    int64_t early_change;  /* the newest change then: once it is copied, that is over */
};

/* Prepares RETENTION. Returns 0, or -1 with ERROR set; release it in either case. WRITER must not
 * be moved. */
int retention_init(struct retention *retention, const struct writer *writer, struct error *error);
/* Frees the statements of RETENTION. */
void retention_release(struct retention *retention);

/* Removes rows for about BUDGET_NS. Returns whether there is more to do at once. */
int retention_run(struct retention *retention, uint64_t budget_ns);

/* The change after which the writer must keep samples, because RETENTION found that they may not
 * have been copied yet; INT64_MAX: it need not. */
int64_t retention_copied(const struct retention *retention);

/* Removes what is due by RETENTION now, for some seconds at most. */
void retention_finish(struct retention *retention);

/* Removes earlier captures with the same source and method as the writer's, unless they are still
 * being written. Returns 0, or -1 with ERROR set. */
int retention_replace(struct retention *retention, struct error *error);

#endif
