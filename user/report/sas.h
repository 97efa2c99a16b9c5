/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The SAs of the flows of a report: ended ones from the logs, the others from the flows. */
#ifndef GAPWATCH_REPORT_SAS_H
#define GAPWATCH_REPORT_SAS_H

#include "report/report.h"

/* Copies the SAs that COUNT trackers have logged into REPORT, which owns them, in the order of
 * their flows, and the newest of a flow first. Returns 0, or -1: no memory. */
int sas_collect(struct report *report, struct tracker *const *trackers, size_t count);

/* Finds out which SA of REPORT, which has its flows and SAs, took over from which. Returns 0, or
 * -1: no memory. */
int sas_relate(struct report *report, struct tracker *const *trackers, size_t count);

/* Calls TAKE with CONTEXT for each SA of LISTED, the newest first. */
void sas_of(const struct report *report, const struct listed_flow *listed,
            int (*take)(void *context, const struct sa_change *sa), void *context);

/* Writes a table of the SAs of each of the worst COUNT flows of REPORT, the newest SA first. */
void sas_write_tables(const struct report *report, size_t count, FILE *to);

#endif
