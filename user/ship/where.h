/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Where SAs that two sensors saw were lost, from shipped rows, as `gapwatch compare` finds it from
 * two databases (compare/ranges.c): the queries of two views, with those of ship/pair.h between.
 */
#ifndef GAPWATCH_SHIP_WHERE_H
#define GAPWATCH_SHIP_WHERE_H

extern const char where_watched[]; /* SAs with what their sensors missed */
extern const char where_lost[];    /* their numbers, counted */

#endif
