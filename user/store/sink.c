/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The SQLite database as a sink. */
#include "store/store.h"

static void *open_sink(const void *settings, const struct sink_capture *capture,
                       struct error *error)
{
    struct store_options options = *(const struct store_options *)settings;

    options.source = capture->source;
    options.method = capture->method;
    options.window = capture->window;
    options.shards = capture->shards;
    options.is_file = capture->is_file;
    return store_open(&options, error);
}

static size_t fitting(void *state, unsigned shard, const struct frame_record *records, size_t count)
{
    return store_fitting(state, shard, records, count);
}

/* Statistics may need a system call, so they are read only when they are needed. */
static void collect(void *state, const struct sink_feed *feed, uint64_t now_ns)
{
    struct source_statistics statistics;

    if (!store_is_due(state, feed->shard, feed->tracker, now_ns))
        return;
    feed->count(feed->source, &statistics);
    store_collect(state, feed->shard, feed->tracker, &statistics, now_ns);
}

static void shift(void *state, unsigned shard, int64_t step_ns, uint64_t now_ns)
{
    store_shift_time(state, shard, step_ns, now_ns);
}

static void finish(void *state, const struct sink_feed *feed, uint64_t now_ns)
{
    struct source_statistics statistics;

    feed->count(feed->source, &statistics);
    store_finish(state, feed->shard, feed->tracker, &statistics, now_ns);
}

static int close_sink(void *state, struct error *error)
{
    return store_close(state, error);
}

const struct sink_ops store_sink = {
    .open = open_sink,
    .fitting = fitting,
    .collect = collect,
    .shift = shift,
    .finish = finish,
    .close = close_sink,
};
