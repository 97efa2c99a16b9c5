/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* One-way delays of the frames of an SA: the times at the second point minus those at the first, by
 * the clocks of the two points. */
#ifndef GAPWATCH_COMPARE_DELAY_DELAY_H
#define GAPWATCH_COMPARE_DELAY_DELAY_H

#include <stddef.h>
#include <stdint.h>

/* Delays of nanoseconds, in the order of numbers. */
struct delays {
    int64_t *values;
    size_t count;
    size_t capacity;
};

/* Figures of delays, in nanoseconds. Without samples all are 0. */
struct delay_figures {
    uint64_t samples;
    int64_t min;
    double mean;
    int64_t p50; /* percentiles: 50 percent of the delays do not exceed this one */
    int64_t p95;
    int64_t p99;
    int64_t max;
};

/* Adds DELAY_NS. Returns 0, or -1: no memory. */
int delays_add(struct delays *delays, int64_t delay_ns);

/* The figures of DELAYS, whose order changes. */
struct delay_figures delays_figures(struct delays *delays);

/* The figures of the COUNT delays from index FROM on, whose order changes. */
struct delay_figures delays_figures_of(const struct delays *delays, size_t from, size_t count);

/* Makes DELAYS empty and keeps the memory. */
void delays_clear(struct delays *delays);
/* Frees the memory of DELAYS. */
void delays_release(struct delays *delays);

#endif
