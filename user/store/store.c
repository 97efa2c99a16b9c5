/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/store.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/monotonic.h"
#include "store/interval_clock.h"
#include "store/writer_thread.h"

/* With this many gaps, or flows that left, collecting does not wait for the end of the interval. */
#define MUCH_WAITS 10000

/* Used by the thread of the shard. */
struct shard {
    struct interval_clock clock;
    struct batch_interval interval; /* the interval that was collected last */
    uint64_t collected_ns;          /* when it was collected, on the monotonic clock */
    int has_more;                   /* more of that interval waits */
    int64_t step_ns;                /* by how much the clock was set since then */
};

struct store {
    struct store_options options;
    struct shard *shards;
    struct writer_thread thread;
    atomic_int is_incomplete; /* a shard had no memory to pass on all its changes */
};

static uint64_t wall_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static void store_free(struct store *store)
{
    writer_thread_release(&store->thread);
    free(store->shards);
    free(store);
}

/* Returns a store with COUNT shards, or NULL when there is no memory. */
static struct store *store_alloc(unsigned count)
{
    struct store *store = calloc(1, sizeof(*store));
    struct shard *shards = calloc(count, sizeof(*shards));

    if (!store || !shards) {
        free(store);
        free(shards);
        return NULL;
    }
    store->shards = shards;
    return store;
}

static void start_clocks(struct store *store)
{
    for (unsigned i = 0; i < store->options.shards; i++) {
        interval_clock_init(&store->shards[i].clock, store->options.flush_seconds * NS_PER_SECOND,
                            store->options.is_file);
        store->shards[i].collected_ns = monotonic_ns();
    }
}

int store_folder_is_ours(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[4096] = ".";
    struct stat status;

    if (slash)
        snprintf(folder, sizeof(folder), "%.*s", slash == path ? 1 : (int)(slash - path), path);
    if (stat(folder, &status) < 0 || status.st_uid != geteuid())
        return 0;
    return stat(path, &status) < 0 || status.st_uid == geteuid();
}

struct store *store_open(const struct store_options *options, struct error *error)
{
    struct store *store = store_alloc(options->shards);

    if (!store) {
        error_set(error, "%s: out of memory", options->path);
        return NULL;
    }
    store->options = *options;
    if (!store->options.clock)
        store->options.clock = wall_clock;
    start_clocks(store);
    if (writer_thread_start(&store->thread, &store->options, error) < 0) {
        store_free(store);
        return NULL;
    }
    return store;
}

static int much_waits(const struct tracker *tracker)
{
    const struct changes *waiting = &tracker->changes.waiting;

    return waiting->gaps.count >= MUCH_WAITS || waiting->flow_count >= MUCH_WAITS;
}

int store_is_due(struct store *store, unsigned shard, const struct tracker *tracker,
                 uint64_t now_ns)
{
    struct shard *at = &store->shards[shard];
    int is_over = interval_clock_is_over(&at->clock, now_ns);

    if (!is_over && !at->has_more && !much_waits(tracker) &&
        monotonic_ns() - at->collected_ns < store->options.flush_seconds * NS_PER_SECOND)
        return 0;
    if (!queue_is_full(&store->thread.queue))
        return 1;
    if (is_over)
        interval_clock_extend(&at->clock, now_ns);
    return 0;
}

size_t store_fitting(struct store *store, unsigned shard, const struct frame_record *records,
                     size_t count)
{
    struct interval_clock *clock = &store->shards[shard].clock;
    size_t fitting = 0;

    while (fitting < count && !interval_clock_is_over(clock, records[fitting].timestamp_ns))
        fitting++;
    return fitting;
}

void store_collect(struct store *store, unsigned shard, struct tracker *tracker,
                   const struct source_statistics *statistics, uint64_t now_ns)
{
    struct shard *at = &store->shards[shard];
    struct store_batch *batch = calloc(1, sizeof(*batch));

    if (!batch) { /* the changes stay in the tracker */
        interval_clock_extend(&at->clock, now_ns);
        return;
    }
    if (at->has_more)
        interval_clock_extend(&at->clock, now_ns);
    else
        at->interval = interval_clock_collect(&at->clock, now_ns);
    batch->shard = shard;
    batch->statistics = *statistics;
    tracker_correct_outcomes(tracker, batch->statistics.outcomes);
    batch->statistics.mirror_lost = tracker->mirrors.lost;
    batch->flows_evicted = tracker->evicted.flows;
    batch->interval = at->interval;
    batch->step_ns = at->step_ns;
    at->step_ns = 0;
    change_log_collect(&tracker->changes, &batch->changes);
    at->has_more = batch->changes.has_more;
    at->collected_ns = monotonic_ns();
    queue_add(&store->thread.queue, batch);
}

void store_shift_time(struct store *store, unsigned shard, int64_t step_ns, uint64_t now_ns)
{
    struct shard *at = &store->shards[shard];

    interval_clock_shift(&at->clock, step_ns, now_ns);
    at->step_ns += step_ns;
}

void store_finish(struct store *store, unsigned shard, struct tracker *tracker,
                  const struct source_statistics *statistics, uint64_t now_ns)
{
    const struct flow_table *table = &tracker->table;
    uint32_t first, before;
    int is_writing = 1;

    first = flow_table_used_since_mark(table);
    do {
        before = first;
        /* A writer that cannot write must not keep the capture from its end. */
        is_writing = is_writing && queue_await_room(&store->thread.queue, CLOSE_RETRY_NS);
        store_collect(store, shard, tracker, statistics, now_ns);
        first = flow_table_used_since_mark(table);
    } while (first != POOL_NONE && first != before);
    if (first != POOL_NONE || tracker->changes.waiting.gaps.count)
        store->is_incomplete = 1;
}

int store_close(struct store *store, struct error *error)
{
    struct error failure;
    int status = writer_thread_finish(&store->thread, &failure);

    if (status == 0 && store->is_incomplete)
        status = error_set(&failure, "out of memory");
    if (status < 0)
        error_set(error, "%s: the last results are not in the database: %s", store->options.path,
                  failure.text);
    store_free(store);
    return status;
}
