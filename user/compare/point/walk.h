/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Goes through the numbers that a vantage point saw of an SA, in the order of numbers. */
#ifndef GAPWATCH_COMPARE_POINT_WALK_H
#define GAPWATCH_COMPARE_POINT_WALK_H

#include "compare/point/point.h"

/* A number and all its frames. */
struct seen_number {
    uint64_t number;
    uint64_t time_ns; /* of the first frame */
    uint64_t frames;  /* more than 1: there were copies */
    int is_reordered; /* a higher number had arrived before the first frame */
};

struct walk {
    const struct sighting *rising;
    const struct sighting *rising_end;
    const struct stray *stray;
    const struct stray *stray_end;
    uint64_t shift; /* added to all numbers, modulo 2^64 */
};

/* A walk through SA, whose frames stay where they are. SHIFT is added to all numbers. */
static inline struct walk walk_of(const struct point_sa *sa, uint64_t shift)
{
    return (struct walk){
        .rising = sa->rising,
        .rising_end = sa->rising + sa->rising_count,
        .stray = sa->strays,
        .stray_end = sa->strays + sa->stray_count,
        .shift = shift,
    };
}

/* Sets SEEN to the next number of WALK. Returns 0 at the end. */
static inline int walk_next(struct walk *walk, struct seen_number *seen)
{
    int has_rising = walk->rising < walk->rising_end;
    int has_stray = walk->stray < walk->stray_end;
    uint64_t number;

    if (!has_rising && !has_stray)
        return 0;
    *seen = (struct seen_number){0};
    if (has_rising && (!has_stray || walk->rising->number <= walk->stray->number)) {
        number = walk->rising->number;
        seen->time_ns = walk->rising->time_ns;
        seen->frames = 1;
        walk->rising++;
    } else {
        number = walk->stray->number;
        seen->time_ns = walk->stray->time_ns;
        seen->is_reordered = walk->stray->is_behind;
    }
    for (; walk->stray < walk->stray_end && walk->stray->number == number; walk->stray++)
        seen->frames++;
    seen->number = number + walk->shift;
    return 1;
}

#endif
