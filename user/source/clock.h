/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The clock of live sources. The real-time clock and the monotonic one are slewed alike, so their
 * difference is constant until somebody sets the real-time clock (or the machine sleeps, which the
 * monotonic one does not count). It turns monotonic times into UTC, and its change is the step.
 */
#ifndef GAPWATCH_SOURCE_CLOCK_H
#define GAPWATCH_SOURCE_CLOCK_H

#include <stdint.h>

/* Smaller changes of the difference are the uncertainty of reading two clocks. */
#define CLOCK_STEP_MIN_NS 1000000

/* The real-time clock, read between two readings of the monotonic one, in nanoseconds. */
struct clock_reading {
    uint64_t before_ns;
    uint64_t real_ns;
    uint64_t after_ns;
};

struct live_clock {
    void (*read)(struct clock_reading *reading);
    int64_t offset_ns; /* add it to a monotonic time to get UTC */
};

/* Reads the machine's clocks. */
void clock_read(struct clock_reading *reading);

/* Starts CLOCK. READ is clock_read(), or what a test has instead. */
void clock_begin(struct live_clock *clock, void (*read)(struct clock_reading *reading));

/* Looks whether the clock was set since the last look. Sets NOW_NS to the present UTC and returns
 * the step, 0 if there was none. */
int64_t clock_look(struct live_clock *clock, uint64_t *now_ns);

/* The UTC of a monotonic time. */
uint64_t clock_utc(const struct live_clock *clock, uint64_t monotonic_ns);

/*
 * A frame carries the real time of its arrival, ARRIVAL_NS, and it is not known whether that was
 * before a step of STEP_NS. Returns the arrival by the clock as it is since: with the step added
 * when that comes nearer to NOW_NS, which is after the step.
 */
uint64_t clock_after_step(uint64_t arrival_ns, int64_t step_ns, uint64_t now_ns);

#endif
