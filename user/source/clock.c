/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/clock.h"

#include <time.h>

#include "base/units.h"

/* The thread may be preempted between the reads, so take this many samples and use the
 * narrowest. */
#define READINGS 3

static uint64_t time_of(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * NS_PER_SECOND + (uint64_t)time.tv_nsec;
}

void clock_read(struct clock_reading *reading)
{
    reading->before_ns = time_of(CLOCK_MONOTONIC);
    reading->real_ns = time_of(CLOCK_REALTIME);
    reading->after_ns = time_of(CLOCK_MONOTONIC);
}

static uint64_t width_of(const struct clock_reading *reading)
{
    return reading->after_ns - reading->before_ns;
}

static struct clock_reading narrowest_reading(const struct live_clock *clock)
{
    struct clock_reading best, other;

    clock->read(&best);
    for (int i = 1; i < READINGS; i++) {
        clock->read(&other);
        if (width_of(&other) < width_of(&best))
            best = other;
    }
    return best;
}

static int64_t offset_of(const struct clock_reading *reading)
{
    return (int64_t)(reading->real_ns - (reading->before_ns + width_of(reading) / 2));
}

void clock_begin(struct live_clock *clock, void (*read)(struct clock_reading *reading))
{
    struct clock_reading reading;

    clock->read = read;
    reading = narrowest_reading(clock);
    clock->offset_ns = offset_of(&reading);
}

int64_t clock_look(struct live_clock *clock, uint64_t *now_ns)
{
    struct clock_reading reading = narrowest_reading(clock);
    int64_t step_ns = offset_of(&reading) - clock->offset_ns;

    *now_ns = reading.real_ns;
    /* A sample this wide is useless. The next check will find the step. */
    if (width_of(&reading) >= CLOCK_STEP_MIN_NS)
        return 0;
    if (step_ns <= CLOCK_STEP_MIN_NS && step_ns >= -CLOCK_STEP_MIN_NS)
        return 0;
    clock->offset_ns += step_ns;
    return step_ns;
}

uint64_t clock_utc(const struct live_clock *clock, uint64_t monotonic_ns)
{
    return monotonic_ns + (uint64_t)clock->offset_ns;
}

static uint64_t distance(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns;
}

uint64_t clock_after_step(uint64_t arrival_ns, int64_t step_ns, uint64_t now_ns)
{
    uint64_t stepped_ns = shift_time(arrival_ns, step_ns);

    return distance(stepped_ns, now_ns) < distance(arrival_ns, now_ns) ? stepped_ns : arrival_ns;
}
