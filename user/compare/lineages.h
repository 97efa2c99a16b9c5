/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Sums up the SAs of each lineage. */
#ifndef GAPWATCH_COMPARE_LINEAGES_H
#define GAPWATCH_COMPARE_LINEAGES_H

#include "compare/comparison.h"

/* Sets the lineages of COMPARISON, whose SAs are counted. Returns 0, or -1: no memory. */
int lineages_sum(struct comparison *comparison);

#endif
