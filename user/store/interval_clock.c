/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/interval_clock.h"

#include "base/units.h"

/* All times are below this, so an interval of this length contains all of them and nothing
 * overflows. */
#define LENGTH_MAX_NS (UINT64_C(1) << 63)

void interval_clock_init(struct interval_clock *clock, uint64_t length_ns, int is_file)
{
    *clock = (struct interval_clock){.length_ns = length_ns, .is_file = is_file};
}

static void begin(struct interval_clock *clock, uint64_t now_ns)
{
    if (clock->is_file && clock->intervals == INTERVALS_OF_A_LENGTH &&
        clock->length_ns < LENGTH_MAX_NS) {
        clock->length_ns *= 2;
        clock->intervals = 0;
    }
    clock->intervals++;
    clock->now.start_ns = now_ns - now_ns % clock->length_ns;
    clock->now.end_ns = clock->now.start_ns + clock->length_ns;
}

int interval_clock_is_over(struct interval_clock *clock, uint64_t now_ns)
{
    if (!clock->now.end_ns)
        begin(clock, now_ns);
    return now_ns < clock->now.start_ns || now_ns >= clock->now.end_ns;
}

void interval_clock_extend(struct interval_clock *clock, uint64_t now_ns)
{
    uint64_t start_ns = now_ns - now_ns % clock->length_ns;

    if (start_ns < clock->now.start_ns)
        clock->now.start_ns = start_ns;
    if (start_ns + clock->length_ns > clock->now.end_ns)
        clock->now.end_ns = start_ns + clock->length_ns;
}

void interval_clock_shift(struct interval_clock *clock, int64_t step_ns, uint64_t now_ns)
{
    uint64_t start_ns = shift_time(clock->now.start_ns, step_ns);

    if (!interval_clock_is_over(clock, now_ns))
        return;
    clock->now.start_ns = start_ns - start_ns % clock->length_ns;
    clock->now.end_ns = now_ns - now_ns % clock->length_ns + clock->length_ns;
}

struct batch_interval interval_clock_collect(struct interval_clock *clock, uint64_t now_ns)
{
    struct batch_interval interval;
    int is_over = interval_clock_is_over(clock, now_ns);

    /* The clock went on while nothing was collected, so the interval extends to the present. */
    if (is_over && !clock->is_file && now_ns >= clock->now.end_ns)
        clock->now.end_ns += (now_ns - clock->now.end_ns) / clock->length_ns * clock->length_ns;
    interval = clock->now;
    if (is_over)
        begin(clock, now_ns);
    return interval;
}
