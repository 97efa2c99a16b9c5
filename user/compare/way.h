/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Finds the direction of the frames of an SA: from A to B, or from B to A. */
#ifndef GAPWATCH_COMPARE_WAY_H
#define GAPWATCH_COMPARE_WAY_H

#include "compare/comparison.h"

/*
 * Sets the way of each SA of COMPARISON, whose figures were counted as if all went from A to B.
 *
 * Frames of the other way pass B first. Times show this without synchronised clocks when there are
 * frames of both directions: the smallest difference "time at B minus time at A" is the delay of
 * the one way plus the clocks' offset, and that of the other way the offset minus its delay, which
 * is less. Returns 0, or -1: no memory.
 */
int ways_find(struct comparison *comparison);

#endif
