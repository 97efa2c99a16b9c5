/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The clock of live sources. The real-time clock and the monotonic clock are slewed alike, so their
 * difference is constant until the real-time clock is set (or the machine sleeps, which the
 * monotonic clock does not count). The difference turns monotonic times into UTC; a change of it is
 * a step.
 */
#ifndef GAPWATCH_SOURCE_CLOCK_H
#define GAPWATCH_SOURCE_CLOCK_H

#include <stdint.h>

/* Smaller changes of the difference are errors of reading two clocks. */
#define CLOCK_STEP_MIN_NS 1000000

/* The real-time clock, read between two reads of the monotonic clock. All in nanoseconds. */
struct clock_reading {
    uint64_t before_ns;
    uint64_t real_ns;
    uint64_t after_ns;
};

struct live_clock {
    void (*read)(struct clock_reading *reading);
    int64_t offset_ns; /* UTC minus monotonic time */
};

/* Sets READING to the clocks of the machine. */
void clock_read(struct clock_reading *reading);

/* Starts CLOCK. READ is clock_read(), or a test's replacement. */
void clock_begin(struct live_clock *clock, void (*read)(struct clock_reading *reading));

/* Checks whether the real-time clock was set since the last call. Sets NOW_NS to the UTC time.
 * Returns the step in nanoseconds, 0 for none. */
int64_t clock_look(struct live_clock *clock, uint64_t *now_ns);

/* The UTC time of MONOTONIC_NS, a time of the monotonic clock, by CLOCK. Both are nanoseconds. */
uint64_t clock_utc(const struct live_clock *clock, uint64_t monotonic_ns);

/*
 * The time of a frame that arrived at ARRIVAL_NS by the real-time clock, before or after a step of
 * STEP_NS, which is unknown. NOW_NS is after the step. Returns the arrival by the clock after the
 * step: STEP_NS is added when the result is nearer to NOW_NS.
 */
uint64_t clock_after_step(uint64_t arrival_ns, int64_t step_ns, uint64_t now_ns);

#endif
