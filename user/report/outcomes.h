/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The outcomes of classifying, as a line of a text report. */
#ifndef GAPWATCH_REPORT_OUTCOMES_H
#define GAPWATCH_REPORT_OUTCOMES_H

#include "outcome.h"
#include "report/report.h"

/* Writes HEADING and the counts of the outcomes FIRST to LAST, or nothing when all are 0. */
void outcomes_write(const struct report *report, FILE *to, const char *heading, enum outcome first,
                    enum outcome last);

#endif
