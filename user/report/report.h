/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The results of a finished run, sorted for the text and JSON reports. */
#ifndef GAPWATCH_REPORT_REPORT_H
#define GAPWATCH_REPORT_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lineage/lineage.h"
#include "report/order.h"
#include "source/file/files.h"
#include "source/source.h"
#include "track/tracker.h"

/* A text report shows at most this many flows. */
#define REPORT_FLOWS_SHOWN 100

struct report {
    const char *method;   /* name of the source */
    char *const *targets; /* names of the files or interfaces, TARGET_COUNT of them */
    size_t target_count;
    struct source_statistics statistics;    /* of all targets together */
    const struct interface_row *interfaces; /* of files: INTERFACE_COUNT, not owned */
    size_t interface_count;
    double seconds;      /* duration of a live run */
    int is_interim;      /* the trackers go on: they are not finished, and stay as they are */
    int shows_sas;       /* a text report has tables of SAs */
    int shows_peers;     /* a text report has a table of pairs of peers */
    size_t flows_wanted; /* number of worst flows that are sorted; 0: all */

    struct summary summary;
    uint32_t protocols;        /* tracked protocols, a set of PROTOCOL_BITs */
    uint64_t end_ns;           /* end of the run by the frames' clock; 0: time of the last frame */
    uint64_t flows_left;       /* flows of the summary that left the table */
    uint64_t flows_departed;   /* flows of these that are listed, because they left idle */
    uint64_t gaps_omitted;     /* gaps for which there was no room */
    struct listed_flow *flows; /* in the order of order_by_loss() */
    size_t flow_count;
    struct sa_change *sas; /* SAs that have ended, in the order of sas_collect() */
    size_t sa_count;
    uint64_t sas_omitted; /* ended SAs for which there was no room */
    struct lineage lineage;
    struct gap *gaps; /* in order of time */
    size_t gap_count;
    int owns_gaps; /* the gaps of several trackers were copied */
};

/* Sorts and sums up the flows and gaps of COUNT trackers, which must be finished unless the report
 * is interim, and must outlive REPORT. The caller has set the members before the summary. Returns
 * 0, or -1: no memory. */
int report_prepare(struct report *report, struct tracker *const *trackers, size_t count);
/* Frees what REPORT owns. */
void report_release(struct report *report);

/* The time since which LISTED is silent, if that is longer than its usual pauses; else 0. */
uint64_t report_silent_since(const struct report *report, const struct listed_flow *listed);

/* Writes the text report: the worst flows and the first gaps. */
void report_write_text(const struct report *report, FILE *to);

/* Writes the text report of a live run: for each of COUNT captures, totals and a table of the worst
 * flows. */
void report_write_live(const struct report *reports, size_t count, FILE *to);

/* Writes the report as one JSON object with everything. */
void report_write_json(const struct report *report, FILE *to);

/* Writes COUNT reports as one JSON object with a list `captures`. */
void report_write_json_list(const struct report *reports, size_t count, FILE *to);

#endif
