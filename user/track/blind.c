/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/blind.h"

#include <string.h>

#include "base/units.h"

/* Merges the two oldest spans. */
static void merge_oldest(struct blind_spots *blind)
{
    struct blind_spot *spots = blind->spots;

    spots[1].from_ns = spots[0].from_ns;
    memmove(spots, spots + 1, (blind->count - 1) * sizeof(*spots));
    blind->count--;
}

void blind_spots_add(struct blind_spots *blind, uint64_t from_ns, uint64_t until_ns)
{
    struct blind_spot *newest = blind->count ? &blind->spots[blind->count - 1] : NULL;

    if (newest && newest->until_ns >= from_ns) {
        if (from_ns < newest->from_ns)
            newest->from_ns = from_ns;
        if (until_ns > newest->until_ns)
            newest->until_ns = until_ns;
        return;
    }
    if (blind->count == BLIND_SPOTS_MAX)
        merge_oldest(blind);
    blind->spots[blind->count++] = (struct blind_spot){.from_ns = from_ns, .until_ns = until_ns};
}

int blind_spots_touch(const struct blind_spots *blind, uint64_t from_ns, uint64_t until_ns)
{
    for (size_t i = blind->count; i > 0; i--) {
        const struct blind_spot *spot = &blind->spots[i - 1];

        if (spot->until_ns < from_ns)
            return 0;
        if (spot->from_ns <= until_ns)
            return 1;
    }
    return 0;
}

void blind_spots_shift_time(struct blind_spots *blind, int64_t step_ns)
{
    for (size_t i = 0; i < blind->count; i++) {
        blind->spots[i].from_ns = shift_time(blind->spots[i].from_ns, step_ns);
        blind->spots[i].until_ns = shift_time(blind->spots[i].until_ns, step_ns);
    }
}
