/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What a finished run found, put in order for the text and JSON reports. */
#ifndef GAPWATCH_REPORT_REPORT_H
#define GAPWATCH_REPORT_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "report/order.h"
#include "source/source.h"
#include "track/tracker.h"

/* A text report shows so many flows at most. */
#define REPORT_FLOWS_SHOWN 100

struct report {
    const char *method;   /* name of the source */
    char *const *targets; /* what was read, TARGET_COUNT of them */
    size_t target_count;
    struct source_statistics statistics; /* of all targets together */
    double seconds;                      /* that a live run took */
    size_t flows_wanted;                 /* so many flows, the worst, are put in order; 0: all */

    struct summary summary;
    uint32_t protocols;  /* that are tracked, a set of PROTOCOL_BITs */
    uint64_t end_ns;     /* when it ended, on the clock of the frames; 0: with the last of them */
    uint64_t flows_left; /* of the summary's, those that left the table */
    uint64_t flows_departed;   /* of these, those that are listed all the same: they left idle */
    uint64_t gaps_omitted;     /* found when there was no room to keep them */
    struct listed_flow *flows; /* see order_by_loss() */
    size_t flow_count;
    struct gap *gaps; /* by time */
    size_t gap_count;
    int owns_gaps; /* of several trackers: a copy */
};

/*
 * Puts the flows and the gaps of COUNT trackers, which must be finished and outlive the report, in
 * their order and sums them up. The caller has filled in the members before the summary. Returns 0,
 * or -1: no memory.
 */
int report_prepare(struct report *report, struct tracker *const *trackers, size_t count);
void report_release(struct report *report);

/* Since when LISTED sent nothing, if that is longer than is usual for it; else 0. */
uint64_t report_silent_since(const struct report *report, const struct listed_flow *listed);

/* For people: the worst flows and the first gaps. */
void report_write_text(const struct report *report, FILE *to);

/* At the end of a live run with COUNT captures: for each of them, totals and a table of the worst
 * flows. */
void report_write_live(const struct report *reports, size_t count, FILE *to);

/* For programs: everything, one JSON object. */
void report_write_json(const struct report *report, FILE *to);

/* COUNT such objects, as the list `captures` in one. */
void report_write_json_list(const struct report *reports, size_t count, FILE *to);

#endif
