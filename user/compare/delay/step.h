/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Finds steps of the delay in a stream of delays: places where all delays behind differ from all
 * delays before. */
#ifndef GAPWATCH_COMPARE_DELAY_STEP_H
#define GAPWATCH_COMPARE_DELAY_STEP_H

#include <stdint.h>

/* The number of delays in a row that are compared with the same number before them. */
#define STEP_DELAYS 32

/* Smaller changes are not counted as steps of a clock. */
#define STEP_MIN_NS 10000000

#define DELAY_STEPS_MAX 16 /* of an SA that are reported */

/* The delay changed suddenly and permanently: a clock was set, or the path changed. */
struct delay_step {
    uint64_t timestamp_ns; /* at the first point */
    int64_t by_ns;
};

/* Delays in a row. */
struct delay_block {
    unsigned count;
    int64_t least_ns;
    int64_t most_ns;
    uint64_t timestamp_ns; /* of the first one */
};

struct step_finder {
    struct delay_block before; /* the last complete block; count 0: none yet */
    struct delay_block now;    /* delays that are near each other */
};

/* Takes the next delay, of a frame that passed the first point at TIMESTAMP_NS. Returns 1 if it
 * completes a step, and sets STEP to it, else 0. */
int step_finder_add(struct step_finder *finder, uint64_t timestamp_ns, int64_t delay_ns,
                    struct delay_step *step);

#endif
