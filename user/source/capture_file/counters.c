/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/capture_file/counters.h"

/* Counters of 32 bits, as those of libpcap are, overflow from the last quarter of their numbers to
 * the first. */
#define NUMBERS_OF_32_BITS (UINT64_C(1) << 32)
#define QUARTER            (NUMBERS_OF_32_BITS / 4)

static int has_overflowed(uint64_t last, uint64_t value)
{
    return last < NUMBERS_OF_32_BITS && last >= NUMBERS_OF_32_BITS - QUARTER && value < QUARTER;
}

/* Takes the next COUNT of COUNTER. Returns whether it started again from zero. */
static int take(struct counter *counter, const struct count *count)
{
    uint64_t value = lost_limited(count->value);
    uint64_t last = counter->last;
    uint64_t added = value;

    if (!count->is_said)
        return 0;
    counter->last = value;
    if (value >= last)
        added = value - last;
    else if (has_overflowed(last, value))
        added = value + NUMBERS_OF_32_BITS - last;
    counter->sum = lost_sum(counter->sum, added);
    return value < last && !has_overflowed(last, value);
}

int counters_take(struct interface_counters *counters, const struct interface_counts *counts)
{
    int is_anew = counters->start_ns && counts->start_ns && counters->start_ns != counts->start_ns;

    if (is_anew)
        counters->dropped.last = counters->accepted.last = counters->os_lost.last = 0;
    counters->start_ns = counts->start_ns;
    is_anew |= take(&counters->dropped, &counts->dropped);
    is_anew |= take(&counters->accepted, &counts->accepted);
    is_anew |= take(&counters->os_lost, &counts->os_lost);
    counters->has_accepted |= counts->accepted.is_said;
    return is_anew;
}

uint64_t counters_lost(const struct interface_counters *counters, uint64_t records)
{
    uint64_t behind = counters->os_lost.sum;
    uint64_t accepted = counters->accepted.sum;

    if (counters->has_accepted && accepted > records && accepted - records > behind)
        behind = accepted - records;
    return lost_sum(counters->dropped.sum, behind);
}
