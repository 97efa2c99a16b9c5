/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/store.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/monotonic.h"
#include "store/interval_clock.h"
#include "store/queue.h"
#include "store/retention/retention.h"
#include "store/writer/writer.h"

/* With this many gaps, or flows that left, collecting does not wait for the end of the interval. */
#define MUCH_WAITS 10000

/* How long to wait before writing is tried again, and how long to try when closing. */
#define RETRY_NS       (NS_PER_SECOND / 4)
#define CLOSE_RETRY_NS (10 * NS_PER_SECOND)

/* A lock of another program for this long is not reported. */
#define PATIENCE_NS (2 * NS_PER_SECOND)

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
    struct writer writer; /* used by the writer's thread */
    struct retention retention;
    uint64_t omitted_flows; /* used by the writer's thread, like the next three members */
    uint64_t omitted_gaps;
    int is_omitting;
    int is_refusing;
    pthread_t thread;
    struct queue queue;
    int has_failed; /* the writer's thread failed when the store was closed; `failure` has the
                       reason */
    struct error failure;
    atomic_int is_incomplete; /* a shard had no memory to pass on all its changes */
};

/* Held by the store that writes. Several stores of this process may write to one database; waiting
 * for this mutex is faster than for SQLite's lock, which SQLite polls. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static uint64_t wall_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* --- the writer's thread --- */

static int is_patient(const struct store *store, uint64_t since_ns)
{
    sqlite3 *database = store->writer.database;
    int code = database ? sqlite3_errcode(database) & 0xFF : SQLITE_CANTOPEN;

    return (code == SQLITE_BUSY || code == SQLITE_LOCKED) &&
           monotonic_ns() - since_ns < PATIENCE_NS;
}

/* Reports that writing has failed, the first time. */
static void tell_trouble(struct store *store, const struct error *error)
{
    struct error news;

    error_set(&news, "%s: cannot write: %s; going on, and trying again", store->options.path,
              error->text);
    store->options.tell(&news);
}

static void tell_success(struct store *store)
{
    struct error news;

    error_set(&news, "%s: written again", store->options.path);
    store->options.tell(&news);
}

/* Reports when flows or gaps begin to be left out, and when they are all kept again. */
static void tell_omitted(struct store *store, const struct left_out *left_out)
{
    int is_omitting = left_out->flows || left_out->gaps;
    struct error news;

    store->omitted_flows += left_out->flows;
    store->omitted_gaps += left_out->gaps;
    if (is_omitting && !store->is_omitting)
        error_set(&news, "%s: there are too many %s to keep; some are only counted",
                  store->options.path, left_out->flows ? "flows that left" : "gaps");
    else if (!is_omitting && store->is_omitting)
        error_set(&news, "%s: all is kept again; %llu flows and %llu gaps were only counted",
                  store->options.path, (unsigned long long)store->omitted_flows,
                  (unsigned long long)store->omitted_gaps);
    if (store->is_omitting != is_omitting)
        store->options.tell(&news);
    store->is_omitting = is_omitting;
}

/* Reports when the database begins to refuse rows. It may refuse the same row each time. */
static void tell_refused(struct store *store, const struct refusals *refusals)
{
    struct error news;

    if (refusals->rows && !store->is_refusing) {
        error_set(&news, "%s: %llu rows are left out, the rest is written: %s", store->options.path,
                  (unsigned long long)refusals->rows, refusals->first.text);
        store->options.tell(&news);
    }
    store->is_refusing = refusals->rows != 0;
}

/* Makes the database anew. Returns 0, or -1 with ERROR set. */
static int make_anew(struct store *store, struct error *error)
{
    int was_open = store->writer.database != NULL;
    struct error news;
    int status;

    retention_release(&store->retention);
    status = writer_make_anew(&store->writer, error);
    if (was_open) {
        error_set(&news, "%s: deleted, moved or replaced; making it anew", store->options.path);
        store->options.tell(&news);
    }
    if (status < 0)
        return -1;
    return retention_init(&store->retention, &store->writer, error);
}

/* Writes BATCH once. Returns as writer_write() does. */
static int try_to_write(struct store *store, const struct store_batch *batch,
                        struct left_out *left_out, struct error *error)
{
    int status = 0;

    pthread_mutex_lock(&turn);
    if (writer_has_lost_database(&store->writer))
        status = make_anew(store, error);
    if (status == 0)
        status = writer_write(&store->writer, batch, left_out, error);
    pthread_mutex_unlock(&turn);
    return status;
}

/* Writes BATCH, and tries again when it fails. Returns 0, or -1 with ERROR set when it gave up. */
static int write_batch(struct store *store, const struct store_batch *batch, struct error *error)
{
    uint64_t since_ns = monotonic_ns();
    uint64_t closing_ns = 0;
    struct left_out left_out;
    int was_told = 0;

    writer_shift_time(&store->writer, batch->shard, batch->step_ns);
    while (try_to_write(store, batch, &left_out, error) < 0) {
        if (!was_told && !is_patient(store, since_ns)) {
            tell_trouble(store, error);
            was_told = 1;
        }
        if (!queue_rest(&store->queue, RETRY_NS))
            continue;
        if (!closing_ns)
            closing_ns = monotonic_ns();
        else if (monotonic_ns() - closing_ns >= CLOSE_RETRY_NS)
            return -1;
    }
    if (was_told)
        tell_success(store);
    tell_omitted(store, &left_out);
    tell_refused(store, &left_out.refusals);
    return 0;
}

static int try_to_end(struct store *store, struct error *error)
{
    int status;

    pthread_mutex_lock(&turn);
    status = writer_end(&store->writer, error);
    if (status == 0 && store->options.replace)
        status = retention_replace(&store->retention, error);
    pthread_mutex_unlock(&turn);
    return status;
}

/* Called when everything is written. Returns 0, or -1 with ERROR set when it gave up. */
static int end_capture(struct store *store, struct error *error)
{
    uint64_t since_ns = monotonic_ns();

    while (try_to_end(store, error) < 0) {
        if (monotonic_ns() - since_ns >= CLOSE_RETRY_NS)
            return -1;
        queue_rest(&store->queue, RETRY_NS);
    }
    pthread_mutex_lock(&turn);
    retention_finish(&store->retention);
    pthread_mutex_unlock(&turn);
    return 0;
}

/* Removes old captures for at most the time that writing a batch took, so that removal keeps up
 * with writing. Returns whether there is more to remove. */
static int remove_old(struct store *store, uint64_t budget_ns)
{
    int has_more;

    pthread_mutex_lock(&turn);
    has_more = retention_run(&store->retention, budget_ns);
    store->writer.samples.copied = retention_copied(&store->retention);
    pthread_mutex_unlock(&turn);
    return has_more;
}

/* Writes batches until the store closes. Returns 0, or -1 with ERROR set when it gave up. */
static int write_batches(struct store *store, struct error *error)
{
    int has_more = 1;

    for (;;) {
        uint64_t began_ns = monotonic_ns();
        int is_closing;
        struct store_batch *batch =
            queue_first(&store->queue, has_more ? RETENTION_PAUSE_NS : NS_PER_SECOND, &is_closing);

        if (batch) {
            if (write_batch(store, batch, error) < 0)
                return -1;
            queue_remove_first(&store->queue);
        } else if (is_closing) {
            return 0;
        }
        has_more = remove_old(store, batch ? monotonic_ns() - began_ns : 0);
    }
}

static void *run_writer(void *argument)
{
    struct store *store = argument;
    struct error error;
    int status = write_batches(store, &error);

    if (status == 0)
        status = end_capture(store, &error);
    if (status < 0) {
        store->failure = error;
        store->has_failed = 1;
    }
    return NULL;
}

/* --- the interface --- */

static void store_free(struct store *store)
{
    queue_release(&store->queue);
    retention_release(&store->retention);
    writer_release(&store->writer);
    free(store->shards);
    free(store);
}

static int start(struct store *store, struct error *error)
{
    int reason;

    store->shards = calloc(store->options.shards, sizeof(*store->shards));
    if (!store->shards)
        return error_set(error, "%s: out of memory", store->options.path);
    for (unsigned i = 0; i < store->options.shards; i++) {
        interval_clock_init(&store->shards[i].clock, store->options.flush_seconds * NS_PER_SECOND,
                            store->options.is_file);
        store->shards[i].collected_ns = monotonic_ns();
    }
    if (writer_open(&store->writer, &store->options, error) < 0 ||
        retention_init(&store->retention, &store->writer, error) < 0)
        return -1;
    reason = pthread_create(&store->thread, NULL, run_writer, store);
    if (reason)
        return error_set(error, "cannot start writing: %s", strerror(reason));
    return 0;
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
    struct store *store = calloc(1, sizeof(*store));

    if (!store) {
        error_set(error, "%s: out of memory", options->path);
        return NULL;
    }
    store->options = *options;
    if (!store->options.clock)
        store->options.clock = wall_clock;
    queue_init(&store->queue, QUEUES_BYTES_MAX / store_siblings(&store->options));
    if (start(store, error) < 0) {
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
    if (!queue_is_full(&store->queue))
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
    queue_add(&store->queue, batch);
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
        is_writing = is_writing && queue_await_room(&store->queue, CLOSE_RETRY_NS);
        store_collect(store, shard, tracker, statistics, now_ns);
        first = flow_table_used_since_mark(table);
    } while (first != POOL_NONE && first != before);
    if (first != POOL_NONE || tracker->changes.waiting.gaps.count)
        store->is_incomplete = 1;
}

int store_close(struct store *store, struct error *error)
{
    const char *failure = NULL;
    int status = 0;

    queue_close(&store->queue);
    pthread_join(store->thread, NULL);
    if (store->has_failed)
        failure = store->failure.text;
    else if (store->is_incomplete)
        failure = "out of memory";
    if (failure)
        status = error_set(error, "%s: the last results are not in the database: %s",
                           store->options.path, failure);
    store_free(store);
    return status;
}
