/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Reported figures of an SA's delays: of all frames, over time, and of sudden changes. */
#ifndef GAPWATCH_COMPARE_DELAY_DELAY_LOG_H
#define GAPWATCH_COMPARE_DELAY_DELAY_LOG_H

#include "compare/delay/delay.h"
#include "compare/delay/step.h"

/* Delays over time are reported in slices: the most slices, and the fewest frames of a slice. */
#define DELAY_SLICES_MAX 60
#define DELAY_SLICE_MIN  100

/* A slice of an SA's delays: as many frames as in the other slices. */
struct delay_slice {
    uint64_t first_ns;     /* at the first point */
    uint64_t lost_between; /* up to the next slice */
    struct delay_figures delay;
};

struct delay_times {
    struct delay_figures whole;
    struct delay_step steps[DELAY_STEPS_MAX];
    size_t step_count;
    struct delay_slice *slices; /* in the order of numbers; NULL: too few frames */
    size_t slice_count;
};

/* Collects the delays of an SA, from which its figures are computed. */
struct delay_log {
    struct delays *delays; /* not owned */
    struct step_finder finder;
    struct delay_times times;
    size_t slice_frames; /* 0: there are no slices */
};

/* Begins a log of at most FRAMES delays. DELAYS is scratch memory. Returns 0, or -1: no memory. */
int delay_log_begin(struct delay_log *log, struct delays *delays, size_t frames);

/* Adds the delay of a frame that passed the first point at TIMESTAMP_NS. LOST numbers were lost in
 * front of it so far. Returns 0, or -1: no memory. */
int delay_log_add(struct delay_log *log, uint64_t timestamp_ns, int64_t delay_ns, uint64_t lost);

/* Ends LOG. LOST numbers were lost in all. The caller releases what it returns. */
struct delay_times delay_log_end(struct delay_log *log, uint64_t lost);

/* Frees the slices of TIMES, which may be all zeros. */
void delay_times_release(struct delay_times *times);

#endif
