/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/flows/timing.h"

#include <math.h>

/* Intervals are whole nanoseconds; a remainder makes some of them one nanosecond longer. */
void timing_add_even(struct timing *timing, uint64_t now_ns, uint64_t count)
{
    uint64_t span = now_ns > timing->last_ns ? now_ns - timing->last_ns : 0;
    uint64_t each = span / count;
    uint64_t longer = span % count;
    uint64_t longest = each + (longer > 0);

    timing->last_ns += span;
    timing->sum_ns += span;
    timing->squares =
        wide_add(timing->squares, wide_add(wide_times(wide_product(each, each), count - longer),
                                           wide_times(wide_product(longest, longest), longer)));
    if (each < timing->min_ns)
        timing->min_ns = each;
    if (longest > timing->max_ns)
        timing->max_ns = longest;
}

double timing_mean(const struct timing *timing, uint64_t intervals)
{
    return (double)timing->sum_ns / (double)intervals;
}

/* The sums are exact, but subtracting them loses precision when frames come evenly, so the integer
 * mean is taken out before rounding: sum((x-m)^2) = sum(x^2) - 2m sum(x) + n m^2. */
double timing_deviation(const struct timing *timing, uint64_t intervals)
{
    uint64_t mean = timing->sum_ns / intervals;
    uint64_t rest = timing->sum_ns % intervals; /* sum(x) = n * mean + rest */
    wide around = wide_subtract(wide_subtract(timing->squares, wide_product(mean, timing->sum_ns)),
                                wide_product(mean, rest)); /* sum((x - mean)^2) */
    double offset = (double)rest / (double)intervals;
    double variance = wide_to_double(around) / (double)intervals - offset * offset;

    return variance > 0 ? sqrt(variance) : 0;
}
