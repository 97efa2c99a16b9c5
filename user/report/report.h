/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What a finished run found, put in order for the text and JSON reports. */
#ifndef GAPWATCH_REPORT_REPORT_H
#define GAPWATCH_REPORT_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "source/source.h"
#include "track/tracker.h"

struct report {
    const char *method;   /* name of the source */
    char *const *targets; /* what was read, TARGET_COUNT of them */
    size_t target_count;
    struct source_statistics statistics; /* of all targets together */
    const struct tracker *tracker;       /* finished */
    struct summary summary;
    uint64_t lost_by_cause[CAUSE_COUNT];
    const struct flow **flows; /* by lost, then bytes, both falling, then id */
    size_t flow_count;
};

/*
 * Puts the flows and the gaps of TRACKER, which must be finished, in their order and sums them up.
 * The caller has filled in the first four members. Returns 0, or -1: no memory.
 */
int report_prepare(struct report *report, struct tracker *tracker);
void report_release(struct report *report);

/* For people: the worst flows and the first gaps. */
void report_write_text(const struct report *report, FILE *to);

/* For programs: everything, one JSON object. */
void report_write_json(const struct report *report, FILE *to);

#endif
