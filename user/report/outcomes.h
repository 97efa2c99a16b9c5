/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the frames turned out to be, as a line of a text report. */
#ifndef GAPWATCH_REPORT_OUTCOMES_H
#define GAPWATCH_REPORT_OUTCOMES_H

#include "outcome.h"
#include "report/report.h"

/* HEADING and the outcomes from FIRST to LAST that any frame came to; nothing if there is none. */
void outcomes_write(const struct report *report, FILE *to, const char *heading, enum outcome first,
                    enum outcome last);

#endif
