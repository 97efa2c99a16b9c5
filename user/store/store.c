/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/store.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "store/batch.h"
#include "store/pace.h"
#include "store/retention.h"
#include "store/writer.h"

/* What waits to be written, before trackers keep their changes to themselves. */
#define QUEUE_BYTES_MAX (64u << 20)

/* So many gaps or flows that left do not wait for the end of the interval. */
#define MUCH_WAITS 10000

/* What cannot be written is tried again after so long; when closing, for so long. */
#define RETRY_NS       (NS_PER_SECOND / 4)
#define CLOSE_RETRY_NS (10 * NS_PER_SECOND)

/* A lock that others hold for this long is no news. */
#define PATIENCE_NS (2 * NS_PER_SECOND)

/* Belongs to the thread of the shard. */
struct shard {
    struct pace pace;
    struct batch_interval interval; /* that was collected last */
    uint64_t collected_ns;          /* when, on the monotonic clock */
    int has_more;                   /* of that interval */
};

struct store {
    struct store_options options;
    struct shard *shards;
    struct writer writer; /* the thread's */
    struct retention retention;
    pthread_t thread;

    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t changed;
    struct store_batch *first; /* the one that is being written stays here until it is */
    struct store_batch *last;
    size_t queue_bytes;
    int is_closing;
    int has_failed; /* when closing: FAILURE says why */
    struct error failure;
};

static uint64_t monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static uint64_t wall_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* --- the queue --- */

static size_t batch_bytes(const struct store_batch *batch)
{
    const struct changes *changes = &batch->changes;

    return sizeof(*batch) + changes->flow_capacity * sizeof(*changes->flows) +
           changes->gaps.capacity * sizeof(*changes->gaps.gaps);
}

static void batch_free(struct store_batch *batch)
{
    changes_release(&batch->changes);
    free(batch);
}

static void queue_add(struct store *store, struct store_batch *batch)
{
    pthread_mutex_lock(&store->lock);
    if (store->last)
        store->last->next = batch;
    else
        store->first = batch;
    store->last = batch;
    store->queue_bytes += batch_bytes(batch);
    pthread_cond_signal(&store->changed);
    pthread_mutex_unlock(&store->lock);
}

static void queue_remove_first(struct store *store)
{
    struct store_batch *batch;

    pthread_mutex_lock(&store->lock);
    batch = store->first;
    store->first = batch->next;
    if (!store->first)
        store->last = NULL;
    store->queue_bytes -= batch_bytes(batch);
    pthread_mutex_unlock(&store->lock);
    batch_free(batch);
}

static int queue_is_full(struct store *store)
{
    int is_full;

    pthread_mutex_lock(&store->lock);
    is_full = store->queue_bytes >= QUEUE_BYTES_MAX;
    pthread_mutex_unlock(&store->lock);
    return is_full;
}

/* --- the writer's thread --- */

/* Waits until something changed, for WAIT_NS at most. The lock is held. */
static void wait_for(struct store *store, uint64_t wait_ns)
{
    uint64_t until_ns = wall_clock() + wait_ns;
    struct timespec until = {
        .tv_sec = (time_t)(until_ns / NS_PER_SECOND),
        .tv_nsec = (long)(until_ns % NS_PER_SECOND),
    };

    pthread_cond_timedwait(&store->changed, &store->lock, &until);
}

/* The batch to write, or NULL: there is none (after WAIT_NS), or none will come any more. */
static struct store_batch *next_batch(struct store *store, uint64_t wait_ns, int *is_closing)
{
    struct store_batch *batch;

    pthread_mutex_lock(&store->lock);
    if (!store->first && !store->is_closing && wait_ns)
        wait_for(store, wait_ns);
    batch = store->first;
    *is_closing = store->is_closing;
    pthread_mutex_unlock(&store->lock);
    return batch;
}

/* Waits before the next try. Returns whether the store is closing. */
static int rest(struct store *store)
{
    uint64_t until_ns = monotonic_ns() + RETRY_NS;
    int is_closing;

    pthread_mutex_lock(&store->lock);
    while (!store->is_closing && monotonic_ns() < until_ns)
        wait_for(store, RETRY_NS);
    is_closing = store->is_closing;
    pthread_mutex_unlock(&store->lock);
    if (is_closing) {
        struct timespec pause = {.tv_nsec = RETRY_NS};

        nanosleep(&pause, NULL);
    }
    return is_closing;
}

static int is_patient(const struct store *store, uint64_t since_ns)
{
    int code = sqlite3_errcode(store->writer.database) & 0xFF;

    return (code == SQLITE_BUSY || code == SQLITE_LOCKED) &&
           monotonic_ns() - since_ns < PATIENCE_NS;
}

/* Something could not be written, for the first time. */
static void tell_trouble(struct store *store, const struct error *error)
{
    struct error news;

    error_set(&news, "%s: cannot write: %s; going on, and trying again", store->options.path,
              error->text);
    store->options.tell(&news);
}

static void tell_success(struct store *store, int was_told, uint64_t omitted)
{
    struct error news;

    if (omitted)
        error_set(&news, "%s: %s; %llu gaps are counted, but were too many to be kept",
                  store->options.path, was_told ? "written again" : "writing is too slow",
                  (unsigned long long)omitted);
    else if (was_told)
        error_set(&news, "%s: written again, nothing was lost", store->options.path);
    else
        return;
    store->options.tell(&news);
}

/* Writes BATCH, however often that takes. Returns 0, or -1 with ERROR set: it was given up. */
static int write_batch(struct store *store, const struct store_batch *batch, struct error *error)
{
    uint64_t since_ns = monotonic_ns();
    uint64_t closing_ns = 0;
    uint64_t omitted;
    int was_told = 0;

    while (writer_write(&store->writer, batch, &omitted, error) < 0) {
        if (!was_told && !is_patient(store, since_ns)) {
            tell_trouble(store, error);
            was_told = 1;
        }
        if (!rest(store))
            continue;
        if (!closing_ns)
            closing_ns = monotonic_ns();
        else if (monotonic_ns() - closing_ns >= CLOSE_RETRY_NS)
            return -1;
    }
    tell_success(store, was_told, omitted);
    return 0;
}

static int end_capture(struct store *store, struct error *error)
{
    uint64_t since_ns = monotonic_ns();

    while (writer_end(&store->writer, error) < 0) {
        if (monotonic_ns() - since_ns >= CLOSE_RETRY_NS)
            return -1;
        rest(store);
    }
    if (store->options.replace && retention_replace(&store->retention, error) < 0)
        return -1;
    retention_finish(&store->retention);
    return 0;
}

/* Writes what comes until the store closes. Returns 0, or -1 with ERROR set: it was given up. */
static int write_batches(struct store *store, struct error *error)
{
    int has_more = 1;

    for (;;) {
        uint64_t began_ns = monotonic_ns();
        int is_closing;
        struct store_batch *batch =
            next_batch(store, has_more ? RETENTION_PAUSE_NS : NS_PER_SECOND, &is_closing);

        if (batch) {
            if (write_batch(store, batch, error) < 0)
                return -1;
            queue_remove_first(store);
        } else if (is_closing) {
            return 0;
        }
        /* As long as the batch took: what is removed keeps up with what is added. */
        has_more = retention_run(&store->retention, batch ? monotonic_ns() - began_ns : 0);
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
    while (store->first)
        queue_remove_first(store);
    retention_release(&store->retention);
    writer_close(&store->writer);
    pthread_cond_destroy(&store->changed);
    pthread_mutex_destroy(&store->lock);
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
        pace_init(&store->shards[i].pace, store->options.flush_seconds * NS_PER_SECOND,
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
    pthread_mutex_init(&store->lock, NULL);
    pthread_cond_init(&store->changed, NULL);
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
    int is_over = pace_is_over(&at->pace, now_ns);

    if (!is_over && !at->has_more && !much_waits(tracker) &&
        monotonic_ns() - at->collected_ns < store->options.flush_seconds * NS_PER_SECOND)
        return 0;
    if (!queue_is_full(store))
        return 1;
    if (is_over)
        pace_extend(&at->pace, now_ns);
    return 0;
}

size_t store_fitting(struct store *store, unsigned shard, const struct frame_record *records,
                     size_t count)
{
    struct pace *pace = &store->shards[shard].pace;
    size_t fitting = 0;

    while (fitting < count && !pace_is_over(pace, records[fitting].timestamp_ns))
        fitting++;
    return fitting;
}

void store_collect(struct store *store, unsigned shard, struct tracker *tracker,
                   const struct source_statistics *statistics, uint64_t now_ns)
{
    struct shard *at = &store->shards[shard];
    struct store_batch *batch = calloc(1, sizeof(*batch));

    if (!batch)
        return; /* what changed stays in the tracker */
    if (!at->has_more)
        at->interval = pace_collect(&at->pace, now_ns);
    batch->shard = shard;
    batch->statistics = *statistics;
    batch->flows_evicted = tracker->evicted.flows;
    batch->interval = at->interval;
    change_log_collect(&tracker->changes, &batch->changes);
    at->has_more = batch->changes.has_more;
    at->collected_ns = monotonic_ns();
    queue_add(store, batch);
}

void store_finish(struct store *store, unsigned shard, struct tracker *tracker,
                  const struct source_statistics *statistics, uint64_t now_ns)
{
    struct flow_table *table = &tracker->table;
    uint32_t before;

    do {
        before = flow_table_used_since_mark(table);
        store_collect(store, shard, tracker, statistics, now_ns);
    } while (flow_table_used_since_mark(table) != before);
    if (before != POOL_NONE || tracker->changes.waiting.gaps.count) {
        pthread_mutex_lock(&store->lock);
        store->has_failed = 1;
        error_set(&store->failure, "out of memory");
        pthread_mutex_unlock(&store->lock);
    }
}

int store_close(struct store *store, struct error *error)
{
    struct error failure;
    int has_failed;

    pthread_mutex_lock(&store->lock);
    store->is_closing = 1;
    pthread_cond_signal(&store->changed);
    pthread_mutex_unlock(&store->lock);
    pthread_join(store->thread, NULL);
    has_failed = store->has_failed;
    failure = store->failure;
    if (has_failed)
        error_set(error, "%s: what was found last is not in the database: %s", store->options.path,
                  failure.text);
    store_free(store);
    return has_failed ? -1 : 0;
}
