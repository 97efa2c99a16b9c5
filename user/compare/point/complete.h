/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which numbers of an SA a database accounts for: retention removes the oldest gaps, and while a
 * capture goes on, the latest are not there yet. */
#ifndef GAPWATCH_COMPARE_POINT_COMPLETE_H
#define GAPWATCH_COMPARE_POINT_COMPLETE_H

#include "compare/point/point.h"

/* Finds out, before the gaps are read, how many frames of AT, an SA of POINT, had numbers below
 * its first one, or whether some of its last numbers may be missing without a gap so far. PACKETS
 * came in all, and LOST numbers were in gaps. */
void point_find_edges(const struct point *point, struct point_sa *at, uint64_t packets,
                      uint64_t lost);

/* Called when the gaps and samples of POINT were read. Each SA that lost numbers in gaps that are
 * not there begins with the first gap that is, or, without any, with its first sample since all
 * gaps are kept. Where the database had no room for gaps, it marks the SA instead. */
void point_complete(struct point *point);

#endif
