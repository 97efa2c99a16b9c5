/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Finds SAs whose figures are not exact, because a point may have counted their frames to another
 * SA.
 *
 * A sensor sees that a sender began anew, or that an association number is used again, only in
 * numbers that do not fit the SA before. Numbers that the SA before had lost fit it as late frames,
 * and those that it had received fit it as copies.
 */
#ifndef GAPWATCH_COMPARE_MATCH_MIXED_H
#define GAPWATCH_COMPARE_MATCH_MIXED_H

#include "compare/match/group.h"

/* Marks in PAIRS, whose offset is known and which have all SAs of GROUP of the points A and B,
 * those whose figures are not exact. */
void mark_mixed(struct pairs *pairs, const struct group *group, const struct point *a,
                const struct point *b);

#endif
