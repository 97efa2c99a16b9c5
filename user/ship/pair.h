/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Which SAs two sensors both saw, from shipped rows, as `gapwatch compare` finds it from two
 * databases (compare/match/): the queries of three views, each over the one before. The first is
 * over the view of where_watched.
 */
#ifndef GAPWATCH_SHIP_PAIR_H
#define GAPWATCH_SHIP_PAIR_H

extern const char pair_alike[];   /* SAs that may be the same, with the offset of the clocks then */
extern const char pair_clocks[];  /* the offset of two sensors' clocks */
extern const char pair_at_both[]; /* the SAs that are the same, and their edges */

#endif
