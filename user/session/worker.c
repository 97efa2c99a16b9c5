/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "session/worker.h"

#include <stdlib.h>

#include "base/units.h"

/* How often idle flows are removed, and how often the source's statistics are read. */
#define EXPIRE_EVERY_NS NS_PER_SECOND
#define COUNT_EVERY_NS  (NS_PER_SECOND / 10)

/* Frees all but the tracker. */
static void free_memory(struct worker *worker)
{
    stack_release(&worker->stack);
    free(worker->batch);
    worker->batch = NULL;
}

/* Returns 0, or -1: no memory, and WORKER has no batch. */
static int worker_init(struct worker *worker, const struct worker_settings *settings,
                       unsigned number)
{
    *worker = (struct worker){.settings = *settings, .number = number};
    worker->batch = calloc(1, sizeof(*worker->batch));
    if (!worker->batch || stack_make(&worker->stack) < 0 ||
        tracker_init(&worker->tracker, settings->window, settings->max_flows) < 0) {
        free_memory(worker);
        return -1;
    }
    tracker_select(&worker->tracker, settings->protocols);
    if (settings->keeps_sas)
        tracker_keep_sas(&worker->tracker);
    return 0;
}

static void worker_release(struct worker *worker)
{
    if (!worker->batch)
        return;
    tracker_release(&worker->tracker);
    free_memory(worker);
}

void workers_release(struct worker *workers, unsigned count)
{
    for (unsigned i = 0; workers && i < count; i++)
        worker_release(&workers[i]);
    free(workers);
}

struct worker *workers_make(const struct worker_settings *settings, unsigned count)
{
    struct worker *workers = calloc(count, sizeof(*workers));

    for (unsigned i = 0; workers && i < count; i++) {
        if (worker_init(&workers[i], settings, i) == 0)
            continue;
        workers_release(workers, count);
        return NULL;
    }
    return workers;
}

static void count_source(const void *source, struct source_statistics *statistics)
{
    const struct worker *worker = source;

    worker->settings.source->statistics(worker->settings.state, worker->number, statistics);
}

/* Adds the event of BATCH. Several may come in quick succession; those that were not taken yet
 * stay. */
static void publish_event(struct worker_progress *progress, const struct batch *batch)
{
    _Atomic uint64_t *waiting = &progress->events[batch->event_target];
    uint64_t events = atomic_load_explicit(waiting, memory_order_relaxed);

    while (!atomic_compare_exchange_weak(waiting, &events, events << EVENT_BITS | batch->event))
        continue;
}

static void publish(struct worker *worker)
{
    const struct batch *batch = worker->batch;
    struct worker_progress *progress = &worker->progress;

    if (batch->now_ns - worker->counted_ns >= COUNT_EVERY_NS) {
        struct source_statistics statistics;

        count_source(worker, &statistics);
        atomic_store_explicit(&progress->frames, statistics.frames, memory_order_relaxed);
        atomic_store_explicit(&progress->drops, statistics.sensor_drops, memory_order_relaxed);
        worker->counted_ns = batch->now_ns;
    }
    atomic_store_explicit(&progress->gaps,
                          worker->tracker.gaps.count + worker->tracker.gaps.omitted,
                          memory_order_relaxed);
    atomic_store_explicit(&progress->flows,
                          worker->tracker.table.flows.count + worker->tracker.evicted.flows,
                          memory_order_relaxed);
    atomic_fetch_add_explicit(&progress->rounds, 1, memory_order_relaxed);
    if (batch->event != INTERFACE_SAME)
        publish_event(progress, batch);
}

/* The time up to which the worker has read. After a stall, the frames that it reads are old, and
 * newer ones of the same flows may wait behind them. */
static uint64_t come_to_ns(const struct batch *batch)
{
    return batch->count ? batch->records[batch->count - 1].timestamp_ns : batch->now_ns;
}

static void take_batch(struct worker *worker)
{
    const struct batch *batch = worker->batch;
    const struct sink *sink = worker->settings.sink;
    struct tracker *tracker = &worker->tracker;
    int64_t idle_ns = (int64_t)worker->settings.idle_ns;

    if (batch->clock_step_ns) {
        tracker_shift_time(tracker, batch->clock_step_ns);
        if (worker->number == 0) /* all workers find it */
            tracker_tell_clock_step(tracker, batch->clock_step_ns, batch->now_ns);
        worker->read_ns = shift_time(worker->read_ns, batch->clock_step_ns);
        if (sink->state)
            sink->ops->shift(sink->state, worker->number, batch->clock_step_ns, batch->now_ns);
        worker->counted_ns = 0;
        worker->expired_ns = 0;
    }
    if (batch->lost_until_ns)
        tracker_note_drops(tracker, batch->lost_from_ns, batch->lost_until_ns);
    if (batch->is_uncertain)
        tracker_note_drops(tracker, worker->read_ns, batch->now_ns);
    tracker_receive(tracker, batch->records, batch->count, batch->missed);
    worker->read_ns = batch->now_ns;
    if (batch->now_ns - worker->expired_ns >= EXPIRE_EVERY_NS) {
        tracker_expire_idle(tracker, shift_time(come_to_ns(batch), -idle_ns));
        worker->expired_ns = batch->now_ns;
    }
}

static struct sink_feed feed_of(struct worker *worker)
{
    return (struct sink_feed){
        .shard = worker->number,
        .tracker = &worker->tracker,
        .count = count_source,
        .source = worker,
    };
}

static void keep_changes(struct worker *worker)
{
    const struct sink *sink = worker->settings.sink;
    struct sink_feed feed = feed_of(worker);

    if (sink->state)
        sink->ops->collect(sink->state, &feed, worker->read_ns);
}

static enum source_status read_batch(struct worker *worker)
{
    const struct worker_settings *settings = &worker->settings;

    worker->status =
        settings->source->next(settings->state, worker->number, worker->batch, &worker->error);
    if (worker->status == SOURCE_MORE) {
        take_batch(worker);
        keep_changes(worker);
    }
    return worker->status;
}

static void *work(void *argument)
{
    struct worker *worker = argument;

    while (!atomic_load_explicit(&worker->stop, memory_order_relaxed) &&
           read_batch(worker) == SOURCE_MORE)
        publish(worker);
    atomic_store(&worker->progress.has_ended, 1);
    return NULL;
}

int worker_start(struct worker *worker)
{
    if (worker->settings.sink->state)
        tracker_keep_changes(&worker->tracker);
    return stack_start_thread(&worker->stack, &worker->thread, work, worker);
}

enum interface_event worker_event(struct worker *worker, size_t target)
{
    _Atomic uint64_t *events = &worker->progress.events[target];
    uint64_t waiting = atomic_load_explicit(events, memory_order_relaxed);
    unsigned shift;

    do {
        if (!waiting)
            return INTERFACE_SAME;
        shift = 0;
        while (waiting >> shift > EVENT_MASK)
            shift += EVENT_BITS;
    } while (!atomic_compare_exchange_weak(events, &waiting,
                                           waiting & ~((uint64_t)EVENT_MASK << shift)));
    return (enum interface_event)(waiting >> shift & EVENT_MASK);
}

int worker_moved(struct worker *worker)
{
    uint64_t before = worker->seen_rounds;

    worker->seen_rounds = atomic_load_explicit(&worker->progress.rounds, memory_order_relaxed);
    return worker->seen_rounds != before;
}

void worker_stop(struct worker *worker)
{
    atomic_store(&worker->stop, 1);
    pthread_join(worker->thread, NULL);
}

static void finish(struct worker *worker)
{
    const struct sink *sink = worker->settings.sink;
    struct sink_feed feed = feed_of(worker);

    tracker_finish(&worker->tracker);
    if (sink->state)
        sink->ops->finish(sink->state, &feed, worker->read_ns);
}

void workers_drain(struct worker *workers, unsigned count)
{
    unsigned reading;

    do {
        reading = 0;
        for (unsigned i = 0; i < count; i++)
            if (workers[i].status == SOURCE_MORE && read_batch(&workers[i]) == SOURCE_MORE)
                reading++;
    } while (reading);
    for (unsigned i = 0; i < count; i++)
        finish(&workers[i]);
}
