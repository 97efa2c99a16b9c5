/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/pace.h"

/* All times are below this, so an interval of this length contains all of them and nothing
 * overflows. */
#define LENGTH_MAX_NS (UINT64_C(1) << 63)

void pace_init(struct pace *pace, uint64_t length_ns, int is_file)
{
    *pace = (struct pace){.length_ns = length_ns, .is_file = is_file};
}

static void begin(struct pace *pace, uint64_t now_ns)
{
    if (pace->is_file && pace->intervals == PACE_INTERVALS && pace->length_ns < LENGTH_MAX_NS) {
        pace->length_ns *= 2;
        pace->intervals = 0;
    }
    pace->intervals++;
    pace->now.start_ns = now_ns - now_ns % pace->length_ns;
    pace->now.end_ns = pace->now.start_ns + pace->length_ns;
}

int pace_is_over(struct pace *pace, uint64_t now_ns)
{
    if (!pace->now.end_ns)
        begin(pace, now_ns);
    return now_ns < pace->now.start_ns || now_ns >= pace->now.end_ns;
}

void pace_extend(struct pace *pace, uint64_t now_ns)
{
    uint64_t start_ns = now_ns - now_ns % pace->length_ns;

    if (start_ns < pace->now.start_ns)
        pace->now.start_ns = start_ns;
    if (start_ns + pace->length_ns > pace->now.end_ns)
        pace->now.end_ns = start_ns + pace->length_ns;
}

struct batch_interval pace_collect(struct pace *pace, uint64_t now_ns)
{
    struct batch_interval interval;
    int is_over = pace_is_over(pace, now_ns);

    /* The clock went on while nothing was collected, so the interval extends to the present. */
    if (is_over && !pace->is_file && now_ns >= pace->now.end_ns)
        pace->now.end_ns += (now_ns - pace->now.end_ns) / pace->length_ns * pace->length_ns;
    interval = pace->now;
    if (is_over)
        begin(pace, now_ns);
    return interval;
}
