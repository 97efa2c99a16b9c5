/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/step.h"

static void add(struct delay_block *block, uint64_t timestamp_ns, int64_t delay_ns)
{
    if (!block->count++) {
        block->least_ns = block->most_ns = delay_ns;
        block->timestamp_ns = timestamp_ns;
    }
    block->least_ns = delay_ns < block->least_ns ? delay_ns : block->least_ns;
    block->most_ns = delay_ns > block->most_ns ? delay_ns : block->most_ns;
}

static void note(struct passage_figures *figures, const struct delay_block *now, int64_t by_ns)
{
    if (figures->step_count < DELAY_STEPS_MAX)
        figures->steps[figures->step_count++] =
            (struct delay_step){.timestamp_ns = now->timestamp_ns, .by_ns = by_ns};
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

void step_finder_add(struct step_finder *finder, uint64_t timestamp_ns, int64_t delay_ns,
                     struct passage_figures *figures)
{
    struct delay_block *now = &finder->now;

    if (now->count && is_far(now, delay_ns))
        *now = (struct delay_block){0}; /* single frames that were held up are no step */
    add(now, timestamp_ns, delay_ns);
    if (now->count < STEP_DELAYS)
        return;
    if (finder->before.count && (is_apart(&finder->before, now) || is_apart(now, &finder->before)))
        note(figures, now, now->least_ns - finder->before.least_ns);
    finder->before = *now;
    *now = (struct delay_block){0};
}
