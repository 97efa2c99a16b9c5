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
    size_t rising_left;
    const struct stray *stray;
    size_t stray_left;
    uint64_t shift; /* added to all numbers, modulo 2^64 */
};

/* A walk through SA, whose frames stay where they are. SHIFT is added to all numbers. */
static inline struct walk walk_of(const struct point_sa *sa, uint64_t shift)
{
    return (struct walk){
        .rising = sa->rising,
        .rising_left = sa->rising_count,
        .stray = sa->strays,
        .stray_left = sa->stray_count,
        .shift = shift,
    };
}

/* Sets SEEN to the next number of WALK. Returns 0 at the end. */
static inline int walk_next(struct walk *walk, struct seen_number *seen)
{
    uint64_t number;

    if (!walk->rising_left && !walk->stray_left)
        return 0;
    *seen = (struct seen_number){0};
    if (walk->rising_left && (!walk->stray_left || walk->rising->number <= walk->stray->number)) {
        number = walk->rising->number;
        seen->time_ns = walk->rising->time_ns;
        seen->frames = 1;
        walk->rising++;
        walk->rising_left--;
    } else {
        number = walk->stray->number;
        seen->time_ns = walk->stray->time_ns;
        seen->is_reordered = walk->stray->is_behind;
    }
    while (walk->stray_left && walk->stray->number == number) {
        seen->frames++;
        walk->stray++;
        walk->stray_left--;
    }
    seen->number = number + walk->shift;
    return 1;
}

#endif
