/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Figures of an SA of which one point at least is a database: from its missing numbers, its
 * counters and samples of its times. */
#ifndef GAPWATCH_COMPARE_RANGES_H
#define GAPWATCH_COMPARE_RANGES_H

#include "compare/passage.h"

/* Adds to FIGURES the numbers in STRETCH of PASSAGE that were lost before, between or missed.
 * Copies and overtaken frames are those that the second point counted beyond those of the first, of
 * the whole SA. Delays are not added. Returns 0, or -1: no memory. */
int ranges_count(const struct passage *passage, const struct stretch *stretch,
                 struct passage_figures *figures);

#endif
