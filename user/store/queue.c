/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/queue.h"

#include <stdlib.h>

#include "base/monotonic.h"
#include "base/wait.h"

void queue_init(struct queue *queue, size_t bytes_max)
{
    *queue = (struct queue){.bytes_max = bytes_max};
    pthread_mutex_init(&queue->lock, NULL);
    wait_init(&queue->changed);
}

void queue_release(struct queue *queue)
{
    while (queue->first)
        queue_remove_first(queue);
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
}

/* The memory that BATCH takes. What was reserved and not used is not counted: it was never touched.
 */
static size_t batch_bytes(const struct store_batch *batch)
{
    const struct changes *changes = &batch->changes;

    return sizeof(*batch) + changes->flow_count * sizeof(*changes->flows) +
           changes->sa_count * sizeof(*changes->sas) +
           changes->event_count * sizeof(*changes->events) +
           changes->gaps.count * sizeof(*changes->gaps.gaps);
}

void queue_add(struct queue *queue, struct store_batch *batch)
{
    pthread_mutex_lock(&queue->lock);
    if (queue->last)
        queue->last->next = batch;
    else
        queue->first = batch;
    queue->last = batch;
    queue->bytes += batch_bytes(batch);
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

/* Waits for a change, at most WAIT_NS. The caller holds the lock. */
static void wait_a_while(struct queue *queue, uint64_t wait_ns)
{
    wait_for(&queue->changed, &queue->lock, wait_ns);
}

int queue_is_full(struct queue *queue)
{
    int is_full;

    pthread_mutex_lock(&queue->lock);
    is_full = queue->bytes >= queue->bytes_max;
    pthread_mutex_unlock(&queue->lock);
    return is_full;
}

int queue_await_room(struct queue *queue, uint64_t wait_ns)
{
    uint64_t until_ns = monotonic_ns() + wait_ns;
    int has_room;

    pthread_mutex_lock(&queue->lock);
    for (const struct store_batch *first = queue->first; queue->bytes >= queue->bytes_max;) {
        uint64_t now_ns = monotonic_ns();

        if (queue->first != first) {
            first = queue->first;
            until_ns = now_ns + wait_ns;
        }
        if (now_ns >= until_ns)
            break;
        wait_a_while(queue, until_ns - now_ns);
    }
    has_room = queue->bytes < queue->bytes_max;
    pthread_mutex_unlock(&queue->lock);
    return has_room;
}

void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->is_closing = 1;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

struct store_batch *queue_first(struct queue *queue, uint64_t wait_ns, int *is_closing)
{
    struct store_batch *batch;

    pthread_mutex_lock(&queue->lock);
    if (!queue->first && !queue->is_closing)
        wait_a_while(queue, wait_ns);
    batch = queue->first;
    *is_closing = queue->is_closing;
    pthread_mutex_unlock(&queue->lock);
    return batch;
}

void queue_remove_first(struct queue *queue)
{
    struct store_batch *batch;

    pthread_mutex_lock(&queue->lock);
    batch = queue->first;
    queue->first = batch->next;
    if (!queue->first)
        queue->last = NULL;
    queue->bytes -= batch_bytes(batch);
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    changes_release(&batch->changes);
    free(batch);
}

int queue_rest(struct queue *queue, uint64_t wait_ns)
{
    uint64_t until_ns = monotonic_ns() + wait_ns;
    int is_closing;

    pthread_mutex_lock(&queue->lock);
    for (uint64_t now_ns = monotonic_ns(); now_ns < until_ns; now_ns = monotonic_ns())
        wait_a_while(queue, until_ns - now_ns);
    is_closing = queue->is_closing;
    pthread_mutex_unlock(&queue->lock);
    return is_closing;
}
