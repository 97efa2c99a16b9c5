/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/recorder.h"

#include <stdlib.h>

#include "base/text.h"
#include "source/source.h"

int recorder_begin(struct recorder *recorder, const struct options *options,
                   struct tracker *tracker, struct error *error)
{
    struct store_options store_options = {
        .path = options->db,
        .method = file_source.name,
        .window = (uint32_t)options->window,
        .shards = 1,
        .flush_seconds = options->flush_interval,
        .retain_days = options->retain,
        .max_bytes = options->max_db_size,
        .is_file = 1,
        .replace = options->replace,
        .tell = error_print,
    };

    *recorder = (struct recorder){.tracker = tracker};
    if (!options->db)
        return 0;
    recorder->source = text_join(options->operands, (size_t)options->operand_count);
    if (!recorder->source)
        return error_set(error, "%s: out of memory", options->db);
    store_options.source = recorder->source;
    recorder->store = store_open(&store_options, error);
    if (!recorder->store) {
        free(recorder->source);
        return -1;
    }
    tracker_keep_changes(tracker);
    return 0;
}

static void collect_when_due(struct recorder *recorder, const struct source_statistics *statistics)
{
    if (store_is_due(recorder->store, 0, recorder->tracker, recorder->now_ns))
        store_collect(recorder->store, 0, recorder->tracker, statistics, recorder->now_ns);
}

/* Records up to the end of the interval at hand, then what belongs to the next one. */
static void receive_by_interval(struct recorder *recorder, const struct batch *batch,
                                const struct source_statistics *statistics)
{
    size_t done = 0;

    while (done < batch->count) {
        const struct frame_record *records = &batch->records[done];
        size_t fitting = store_fitting(recorder->store, 0, records, batch->count - done);

        tracker_receive(recorder->tracker, records, fitting, NULL);
        done += fitting;
        recorder->now_ns = batch->records[done < batch->count ? done : done - 1].timestamp_ns;
        collect_when_due(recorder, statistics);
    }
}

void recorder_receive(struct recorder *recorder, const struct batch *batch,
                      const struct source_statistics *statistics)
{
    if (!recorder->store) {
        tracker_receive(recorder->tracker, batch->records, batch->count, NULL);
        return;
    }
    receive_by_interval(recorder, batch, statistics);
}

void recorder_idle(struct recorder *recorder, const struct source_statistics *statistics)
{
    if (recorder->store && recorder->now_ns)
        collect_when_due(recorder, statistics);
}

int recorder_end(struct recorder *recorder, const struct source_statistics *statistics,
                 struct error *error)
{
    int status;

    if (!recorder->store)
        return 0;
    store_finish(recorder->store, 0, recorder->tracker, statistics, recorder->now_ns);
    status = store_close(recorder->store, error);
    free(recorder->source);
    return status;
}
