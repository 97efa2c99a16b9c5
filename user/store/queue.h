/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The queue of batches between the threads that collect and the thread that writes. */
#ifndef GAPWATCH_STORE_QUEUE_H
#define GAPWATCH_STORE_QUEUE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "store/writer/batch.h"

struct queue {
    pthread_mutex_t lock; /* protects the members below */
    pthread_cond_t changed;
    struct store_batch *first; /* stays in the queue until it is written */
    struct store_batch *last;
    size_t bytes;
    size_t bytes_max; /* see queue_init() */
    int is_closing;
};

/* The most octets that should wait in all queues of the process together. When more wait, changes
 * stay in the trackers. */
#define QUEUES_BYTES_MAX ((size_t)128 << 20)

/* Makes QUEUE empty. It is full when more than BYTES_MAX octets wait in it. */
void queue_init(struct queue *queue, size_t bytes_max);

/* Frees the remaining batches. No thread uses QUEUE any more. */
void queue_release(struct queue *queue);

/* Adds BATCH, which the queue owns from now on, even when the queue is full. */
void queue_add(struct queue *queue, struct store_batch *batch);

/* Whether the batches that wait in QUEUE exceed the limit of queue_init(): nothing more should be
 * collected. */
int queue_is_full(struct queue *queue);

/* Waits until QUEUE is not full. Returns 1 then, or 0 when the writer has removed no batch for
 * WAIT_NS nanoseconds. */
int queue_await_room(struct queue *queue, uint64_t wait_ns);

/* Tells the writer that no batch will be added to QUEUE any more. */
void queue_close(struct queue *queue);

/* For the writer: waits at most WAIT_NS for a batch. Returns the first one, or NULL. Sets
 * *IS_CLOSING. */
struct store_batch *queue_first(struct queue *queue, uint64_t wait_ns, int *is_closing);
/* For the writer: removes the first batch of QUEUE and frees it. */
void queue_remove_first(struct queue *queue);

/* For the writer: waits for WAIT_NS or until the queue closes. Returns whether it is closing. */
int queue_rest(struct queue *queue, uint64_t wait_ns);

#endif
