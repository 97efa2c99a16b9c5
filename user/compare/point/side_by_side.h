/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Goes through the numbers of an SA at two vantage points at once, in the order of numbers. */
#ifndef GAPWATCH_COMPARE_POINT_SIDE_BY_SIDE_H
#define GAPWATCH_COMPARE_POINT_SIDE_BY_SIDE_H

#include "compare/point/walk.h"

/* Both walks through an SA, side by side. */
struct side_by_side {
    struct walk first_walk;
    struct walk second_walk;
    struct seen_number first; /* valid while HAS_FIRST, like the next one */
    struct seen_number second;
    int has_first;
    int has_second;
};

/* One number, with its frames at each point that saw it. */
struct both {
    uint64_t number;
    const struct seen_number *first; /* NULL: not seen there */
    const struct seen_number *second;
};

/* Both walks at their beginnings. A point that did not see the SA has NULL. SHIFT is added to the
 * second's numbers. */
static inline struct side_by_side side_by_side_of(const struct point_sa *first,
                                                  const struct point_sa *second, uint64_t shift)
{
    static const struct point_sa nothing;
    struct side_by_side sides = {
        .first_walk = walk_of(first ? first : &nothing, 0),
        .second_walk = walk_of(second ? second : &nothing, shift),
    };

    sides.has_first = walk_next(&sides.first_walk, &sides.first);
    sides.has_second = walk_next(&sides.second_walk, &sides.second);
    return sides;
}

/* Whether number A comes before B, modulo 2^64. */
static inline int number_is_before(uint64_t a, uint64_t b)
{
    return (int64_t)(a - b) < 0;
}

/* Sets BOTH to the next number, which is valid until side_by_side_advance(). Returns 0 at the end.
 */
static inline int side_by_side_look(const struct side_by_side *sides, struct both *both)
{
    *both = (struct both){0};
    if (sides->has_first &&
        (!sides->has_second || !number_is_before(sides->second.number, sides->first.number)))
        both->first = &sides->first;
    if (sides->has_second &&
        (!sides->has_first || !number_is_before(sides->first.number, sides->second.number)))
        both->second = &sides->second;
    if (!both->first && !both->second)
        return 0;
    both->number = both->first ? both->first->number : both->second->number;
    return 1;
}

/* Goes on behind BOTH. */
static inline void side_by_side_advance(struct side_by_side *sides, const struct both *both)
{
    if (both->first)
        sides->has_first = walk_next(&sides->first_walk, &sides->first);
    if (both->second)
        sides->has_second = walk_next(&sides->second_walk, &sides->second);
}

#endif
