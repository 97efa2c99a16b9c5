/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/delay/step.h"

static void add(struct delay_block *block, uint64_t timestamp_ns, int64_t delay_ns)
{
    if (!block->count++) {
        block->least_ns = block->most_ns = delay_ns;
        block->timestamp_ns = timestamp_ns;
    }
    block->least_ns = delay_ns < block->least_ns ? delay_ns : block->least_ns;
    block->most_ns = delay_ns > block->most_ns ? delay_ns : block->most_ns;
}

/* Whether all delays of HIGH are far from all of LOW. Jitter as wide as the block is no step. */
static int is_apart(const struct delay_block *low, const struct delay_block *high)
{
    int64_t gap = high->least_ns - low->most_ns;

    return gap >= STEP_MIN_NS && gap > low->most_ns - low->least_ns;
}

static int is_far(const struct delay_block *block, int64_t delay_ns)
{
    return delay_ns >= block->most_ns + STEP_MIN_NS || delay_ns <= block->least_ns - STEP_MIN_NS;
}

int step_finder_add(struct step_finder *finder, uint64_t timestamp_ns, int64_t delay_ns,
                    struct delay_step *step)
{
    struct delay_block *now = &finder->now;
    int is_step;

    if (now->count && is_far(now, delay_ns))
        *now = (struct delay_block){0}; /* a few delayed frames are no step */
    add(now, timestamp_ns, delay_ns);
    if (now->count < STEP_DELAYS)
        return 0;
    is_step =
        finder->before.count && (is_apart(&finder->before, now) || is_apart(now, &finder->before));
    if (is_step)
        *step = (struct delay_step){
            .timestamp_ns = now->timestamp_ns,
            .by_ns = now->least_ns - finder->before.least_ns,
        };
    finder->before = *now;
    *now = (struct delay_block){0};
    return is_step;
}
