/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/progress_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/units.h"

#define TERMINAL_EVERY_NS  NS_PER_SECOND
#define OTHERWISE_EVERY_NS (10 * NS_PER_SECOND)

struct totals {
    uint64_t frames;
    uint64_t drops;
    uint64_t gaps;
    uint64_t flows;
};

static struct totals add_progress(const struct progress_line *line)
{
    struct totals totals = {0};

    for (unsigned i = 0; i < line->count; i++) {
        const struct worker_progress *progress = &line->workers[i].progress;

        totals.frames += atomic_load_explicit(&progress->frames, memory_order_relaxed);
        totals.drops += atomic_load_explicit(&progress->drops, memory_order_relaxed);
        totals.gaps += atomic_load_explicit(&progress->gaps, memory_order_relaxed);
        totals.flows += atomic_load_explicit(&progress->flows, memory_order_relaxed);
    }
    return totals;
}

static void show(struct progress_line *line, uint64_t now_ns)
{
    struct totals totals = add_progress(line);
    double since_start = (double)(now_ns - line->started_ns) / (double)NS_PER_SECOND;
    double since_last = (double)(now_ns - line->shown_ns) / (double)NS_PER_SECOND;

    fprintf(stderr,
            "[%.1fs] Packets: %" PRIu64 ", Gaps: %" PRIu64 ", Flows: %" PRIu64 ", Rate: %.0f pps",
            since_start, totals.frames, totals.gaps, totals.flows,
            (double)(totals.frames - line->shown_frames) / since_last);
    if (totals.drops)
        fprintf(stderr, ", Dropped: %" PRIu64, totals.drops);
    fputc('\n', stderr);
    line->shown_ns = now_ns;
    line->shown_frames = totals.frames;
}

static void say_events(struct progress_line *line)
{
    static const char *const words[] = {
        [INTERFACE_WENT_DOWN] = "is down; still watching",
        [INTERFACE_CAME_UP] = "is up",
        [INTERFACE_WENT_AWAY] = "has gone away; waiting for it to come back",
        [INTERFACE_CAME_BACK] = "has come back and is watched again",
        [INTERFACE_FRONT_TAKEN] =
            "has another TC program in front of ours: frames that it keeps, drops "
            "or redirects are not seen",
        [INTERFACE_FRONT_FREE] = "has no other TC program in front of ours any more",
    };
    /* All workers notice; the first one tells. */
    uint64_t events = atomic_exchange(&line->workers[0].progress.events, 0);

    for (int shift = 64 - EVENT_BITS; shift >= 0; shift -= EVENT_BITS) {
        unsigned event = events >> shift & EVENT_MASK;

        if (event != INTERFACE_SAME)
            fprintf(stderr, "gapwatch: %s %s\n", line->interface, words[event]);
    }
}

void progress_line_begin(struct progress_line *line, uint64_t now_ns, int is_quiet)
{
    line->started_ns = line->shown_ns = now_ns;
    line->every_ns = isatty(STDERR_FILENO) ? TERMINAL_EVERY_NS : OTHERWISE_EVERY_NS;
    if (is_quiet)
        line->every_ns = 0;
}

void progress_line_update(struct progress_line *line, uint64_t now_ns)
{
    say_events(line);
    if (line->every_ns && now_ns - line->shown_ns >= line->every_ns)
        show(line, now_ns);
}
