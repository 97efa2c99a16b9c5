/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "session/recorder.h"

#include <stdlib.h>

#include "base/text.h"

int recorder_begin(struct recorder *recorder, struct tracker *tracker, const struct sink *sink,
                   char *const *files, size_t count, uint32_t window, struct error *error)
{
    struct sink_capture capture = {
        .method = file_source.name,
        .window = window,
        .shards = 1,
        .is_file = 1,
    };

    *recorder = (struct recorder){.tracker = tracker, .sink = *sink};
    if (!sink->ops)
        return 0;
    recorder->files = text_join(files, count);
    if (!recorder->files)
        return error_set(error, "no memory for the names of the files");
    capture.source = recorder->files;
    if (sink_open(&recorder->sink, &capture, error) < 0) {
        free(recorder->files);
        return -1;
    }
    tracker_keep_changes(tracker);
    return 0;
}

static void copy_statistics(const void *source, struct source_statistics *statistics)
{
    *statistics = *(const struct source_statistics *)source;
}

static struct sink_feed feed_of(const struct recorder *recorder,
                                const struct source_statistics *statistics)
{
    return (struct sink_feed){
        .tracker = recorder->tracker,
        .count = copy_statistics,
        .source = statistics,
    };
}

/* Tracks records up to the end of the present interval, then those of the next intervals. */
static void receive_by_interval(struct recorder *recorder, const struct batch *batch,
                                const struct source_statistics *statistics)
{
    struct sink_feed feed = feed_of(recorder, statistics);
    const struct sink *sink = &recorder->sink;
    size_t done = 0;

    while (done < batch->count) {
        const struct frame_record *records = &batch->records[done];
        size_t fitting = sink->ops->fitting(sink->state, 0, records, batch->count - done);

        tracker_receive_of(recorder->tracker, records, &batch->origins[done], fitting);
        done += fitting;
        recorder->now_ns = batch->records[done < batch->count ? done : done - 1].timestamp_ns;
        sink->ops->collect(sink->state, &feed, recorder->now_ns);
    }
}

void recorder_receive(struct recorder *recorder, const struct batch *batch,
                      const struct source_statistics *statistics)
{
    tracker_note_losses(recorder->tracker, batch->lost, batch->lost_count);
    tracker_note_clock_set(recorder->tracker, batch->clock_set_ns);
    if (recorder->sink.state)
        receive_by_interval(recorder, batch, statistics);
    else
        tracker_receive_of(recorder->tracker, batch->records, batch->origins, batch->count);
}

void recorder_idle(struct recorder *recorder, const struct source_statistics *statistics)
{
    struct sink_feed feed = feed_of(recorder, statistics);

    if (recorder->sink.state && recorder->now_ns)
        recorder->sink.ops->collect(recorder->sink.state, &feed, recorder->now_ns);
}

int recorder_end(struct recorder *recorder, const struct source_statistics *statistics,
                 struct error *error)
{
    struct sink_feed feed = feed_of(recorder, statistics);
    int status;

    if (recorder->sink.state)
        recorder->sink.ops->finish(recorder->sink.state, &feed, recorder->now_ns);
    status = sink_close(&recorder->sink, error);
    free(recorder->files);
    return status;
}
