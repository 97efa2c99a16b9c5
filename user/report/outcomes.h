/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the frames turned out to be, as lines of a text report. */
#ifndef GAPWATCH_REPORT_OUTCOMES_H
#define GAPWATCH_REPORT_OUTCOMES_H

#include "report/report.h"

/* A line for the protocols that are tracked, and one for all other outcomes, with the numbers of
 * their frames. Outcomes without frames, and lines without outcomes, are left out. */
void outcomes_write(const struct report *report, FILE *to);

#endif
