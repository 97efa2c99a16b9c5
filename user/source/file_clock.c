/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file_clock.h"

#include "base/units.h"

/* Captures pause for days, and frames of several interfaces are out of order by seconds. Larger
 * steps are steps of the clock. */
#define AHEAD_MAX_NS  (30 * 24 * 3600 * (int64_t)NS_PER_SECOND)
#define BEHIND_MAX_NS (60 * (int64_t)NS_PER_SECOND)

static int goes_on(const struct file_clock *clock, uint64_t time_ns)
{
    int64_t passed_ns = (int64_t)(time_ns - clock->last_ns);

    return passed_ns <= AHEAD_MAX_NS && passed_ns >= -BEHIND_MAX_NS;
}

uint64_t file_clock_time(struct file_clock *clock, uint64_t stamp_ns)
{
    uint64_t time_ns = stamp_ns + (uint64_t)clock->offset_ns;

    if (clock->last_ns && !goes_on(clock, time_ns)) {
        uint64_t former_ns = stamp_ns + (uint64_t)clock->former_ns;
        int64_t offset_ns = clock->former_ns;

        time_ns = former_ns;
        if (!goes_on(clock, former_ns)) {
            time_ns = clock->last_ns;
            offset_ns = (int64_t)(time_ns - stamp_ns);
            clock->steps++;
        }
        clock->former_ns = clock->offset_ns;
        clock->offset_ns = offset_ns;
    }
    clock->last_ns = time_ns;
    return time_ns;
}
