/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/delay/delay_log.h"

#include <stdlib.h>

int delay_log_begin(struct delay_log *log, struct delays *delays, size_t frames)
{
    *log = (struct delay_log){.delays = delays};
    delays_clear(delays);
    if (frames < 2 * DELAY_SLICE_MIN)
        return 0;
    log->slice_frames = frames / DELAY_SLICES_MAX + 1;
    if (log->slice_frames < DELAY_SLICE_MIN)
        log->slice_frames = DELAY_SLICE_MIN;
    log->times.slices = calloc(DELAY_SLICES_MAX, sizeof(*log->times.slices));
    return log->times.slices ? 0 : -1;
}

/* Begins another slice when the one before is full. The last one takes what is left. */
static void begin_slice(struct delay_log *log, uint64_t timestamp_ns, uint64_t lost)
{
    struct delay_times *times = &log->times;

    if (!log->slice_frames || log->delays->count % log->slice_frames ||
        times->slice_count == DELAY_SLICES_MAX)
        return;
    times->slices[times->slice_count++] = (struct delay_slice){
        .first_ns = timestamp_ns, .lost_between = lost, /* until end_slices(): in front of it */
    };
}

int delay_log_add(struct delay_log *log, uint64_t timestamp_ns, int64_t delay_ns, uint64_t lost)
{
    struct delay_times *times = &log->times;

    begin_slice(log, timestamp_ns, lost);
    if (times->step_count < DELAY_STEPS_MAX)
        times->step_count += (size_t)step_finder_add(&log->finder, timestamp_ns, delay_ns,
                                                     &times->steps[times->step_count]);
    return delays_add(log->delays, delay_ns);
}

static void end_slices(struct delay_log *log, uint64_t lost)
{
    struct delay_times *times = &log->times;

    for (size_t i = 0; i < times->slice_count; i++) {
        struct delay_slice *slice = &times->slices[i];
        int is_last = i + 1 == times->slice_count;
        size_t from = i * log->slice_frames;

        slice->lost_between =
            (is_last ? lost : slice[1].lost_between) - (i ? slice->lost_between : 0);
        slice->delay = delays_figures_of(log->delays, from,
                                         is_last ? log->delays->count - from : log->slice_frames);
    }
}

struct delay_times delay_log_end(struct delay_log *log, uint64_t lost)
{
    end_slices(log, lost);
    log->times.whole = delays_figures(log->delays);
    return log->times;
}

void delay_times_release(struct delay_times *times)
{
    free(times->slices);
    times->slices = NULL;
    times->slice_count = 0;
}
