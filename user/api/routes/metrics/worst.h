/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The flows that lost most lately, which have metrics of their own. Time is cut into stretches of
 * five minutes. The worst flows of the present stretch and of those of the last hour are shown, so
 * a flow stays for an hour. The lists follow from the database alone: all workers show the same
 * flows.
 */
#ifndef GAPWATCH_API_ROUTES_METRICS_WORST_H
#define GAPWATCH_API_ROUTES_METRICS_WORST_H

#include <stdint.h>

#include "api/database/reader.h"
#include "api/routes/request/scope.h"

#define WORST_SECONDS   300 /* a stretch */
#define WORST_STRETCHES 13  /* those of an hour, and the present one */

/* The worst flows of one capture in one stretch. */
struct worst_list {
    int64_t capture;
    int64_t stretch; /* seconds since 1970 / WORST_SECONDS */
    int64_t *flows;  /* row ids, the worst first */
    int count;
};

/* The lists of stretches that are over, which do not change any more. */
struct worst {
    struct worst_list lists[SCOPE_MAX * WORST_STRETCHES];
    struct version version; /* of the file that they were read from */
    unsigned next;
};

/* Frees the lists of WORST, which is then empty. One filled with zeros is empty, too. */
void worst_release(struct worst *worst);

/*
 * Finds the worst flows, at most TOP in a stretch, of the running captures in SCOPE at NOW, in
 * seconds since 1970, through READER. WORST caches the lists. Calls TAKE with DATA for each of
 * them, in each stretch that it is in, with its row id and the number of stretches that have passed
 * since: 0 for the present one.
 */
void worst_find(struct worst *worst, struct reader *reader, const struct scope *scope, int64_t top,
                int64_t now, void (*take)(void *data, int64_t flow, int64_t stretches_ago),
                void *data);

#endif
