/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/drop_periods.h"

#include <string.h>

#include "base/units.h"

/* Merges the two oldest spans. */
static void merge_oldest(struct drop_periods *drops)
{
    struct drop_period *periods = drops->periods;

    periods[1].from_ns = periods[0].from_ns;
    memmove(periods, periods + 1, (drops->count - 1) * sizeof(*periods));
    drops->count--;
}

void drop_periods_add(struct drop_periods *drops, uint64_t from_ns, uint64_t until_ns)
{
    struct drop_period *newest = drops->count ? &drops->periods[drops->count - 1] : NULL;

    if (newest && newest->until_ns >= from_ns) {
        if (from_ns < newest->from_ns)
            newest->from_ns = from_ns;
        if (until_ns > newest->until_ns)
            newest->until_ns = until_ns;
        return;
    }
    if (drops->count == DROP_PERIODS_MAX)
        merge_oldest(drops);
    drops->periods[drops->count++] = (struct drop_period){.from_ns = from_ns, .until_ns = until_ns};
}

int drop_periods_touch(const struct drop_periods *drops, uint64_t from_ns, uint64_t until_ns)
{
    for (size_t i = drops->count; i > 0; i--) {
        const struct drop_period *spot = &drops->periods[i - 1];

        if (spot->until_ns < from_ns)
            return 0;
        if (spot->from_ns <= until_ns)
            return 1;
    }
    return 0;
}

void drop_periods_shift_time(struct drop_periods *drops, int64_t step_ns)
{
    for (size_t i = 0; i < drops->count; i++) {
        drops->periods[i].from_ns = shift_time(drops->periods[i].from_ns, step_ns);
        drops->periods[i].until_ns = shift_time(drops->periods[i].until_ns, step_ns);
    }
}
