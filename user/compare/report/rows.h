/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The structures from which the values in figures/comparison.def, figures/compared_sa.def and
 * figures/compared_delay.def are computed. */
#ifndef GAPWATCH_COMPARE_REPORT_ROWS_H
#define GAPWATCH_COMPARE_REPORT_ROWS_H

#include "base/json_writer.h"
#include "compare/report/report.h"
#include "figures/rows.h"

struct comparison_row {
    const struct comparison *comparison;
    uint64_t made_ns;
    const char *ways; /* JSON */
};

/* Of sums, only FIGURES is used. */
struct compared_row {
    int64_t comparison; /* row of the comparison */
    const struct passage_figures *figures;
    uint64_t association;
    int is_mixed; /* as struct compared_sa has it */
    const char *direction;
    const char *lineage; /* NULL: not known; else FIRST_FLOW */
    struct peers peers;
    char id[FLOW_ID_CHARS];
    char first_flow[FLOW_ID_CHARS];
};

struct compared_delay_row {
    int64_t comparison;
    int64_t compared_sa;
    const struct delay_slice *slice;
    double step_ms; /* NAN: there was no step */
};

/* Sets ROW to SA, which must outlive it. ROW must not be copied. */
void compared_row_fill(struct compared_row *row, const struct compared_sa *sa);

/* Writes an object KEY with the sums of each direction of COMPARISON. */
void comparison_write_ways(struct json_writer *json, const char *key,
                           const struct comparison *comparison);

/* DELAY_NS in milliseconds; NAN when no delay is known. */
static inline double row_delay_ms(const struct compared_row *row, double delay_ns)
{
    return row->figures->times.whole.samples ? delay_ns / NS_PER_MS : NAN;
}

/* TIME_NS; FIGURE_NULL for 0. */
static inline uint64_t row_time(uint64_t time_ns)
{
    return time_ns ? time_ns : FIGURE_NULL;
}

#endif
