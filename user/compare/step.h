/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Finds steps of the delay in a stream of delays: places where all delays behind differ from all
 * delays before. */
#ifndef GAPWATCH_COMPARE_STEP_H
#define GAPWATCH_COMPARE_STEP_H

#include "compare/passage.h"

/* So many delays in a row are compared with as many before them. */
#define STEP_DELAYS 32

/* Smaller steps are no steps of a clock that somebody set. */
#define STEP_MIN_NS 10000000

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

/* Takes the next delay, of a frame that passed the first point at TIMESTAMP_NS. Adds a step that it
 * completes to FIGURES. */
void step_finder_add(struct step_finder *finder, uint64_t timestamp_ns, int64_t delay_ns,
                     struct passage_figures *figures);

#endif
