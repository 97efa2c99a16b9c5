/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Figures of an SA of which one point at least is a database: from its missing numbers, its
 * counters and samples of its times. */
#ifndef GAPWATCH_COMPARE_RANGES_H
#define GAPWATCH_COMPARE_RANGES_H

#include "compare/passage.h"

/*
 * Adds to FIGURES the numbers of PASSAGE from START on that were lost before, between or missed, up
 * to those that passed the first point at FROM_NS to UNTIL_NS, and the second at SEEN_UNTIL_NS at
 * the latest. Copies and overtaken frames are those that the second point counted beyond those of
 * the first, of the whole SA. Delays are not added. Returns 0, or -1: no memory.
 */
int ranges_count(const struct passage *passage, uint64_t start, int64_t from_ns, int64_t until_ns,
                 int64_t seen_until_ns, struct passage_figures *figures);

#endif
