/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The outcomes of classifying, as lines of a text report. */
#ifndef GAPWATCH_REPORT_OUTCOMES_H
#define GAPWATCH_REPORT_OUTCOMES_H

#include "report/report.h"

/* Writes two lines to TO: one for the tracked protocols of REPORT, one for all other outcomes, with
 * their numbers of frames. Outcomes without frames, and lines without outcomes, are left out. */
void outcomes_write(const struct report *report, FILE *to);

#endif
