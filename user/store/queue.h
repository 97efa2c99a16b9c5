/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Batches on their way from the threads that collect to the one that writes. */
#ifndef GAPWATCH_STORE_QUEUE_H
#define GAPWATCH_STORE_QUEUE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "store/batch.h"

struct queue {
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t changed;
    struct store_batch *first; /* the one that is being written stays here until it is */
    struct store_batch *last;
    size_t bytes;
    size_t bytes_max; /* that should wait */
    int is_closing;
};

/* What waits to be written in all queues of the process together, before trackers keep their
 * changes to themselves. */
#define QUEUES_BYTES_MAX ((size_t)160 << 20)

/* BYTES_MAX should wait in QUEUE at most. */
void queue_init(struct queue *queue, size_t bytes_max);

/* Frees the batches that are left. Nobody uses QUEUE any more. */
void queue_release(struct queue *queue);

/* Adds BATCH, which is the queue's from now on, also when it is full. */
void queue_add(struct queue *queue, struct store_batch *batch);

/* Whether so much waits that nothing more should be collected. */
int queue_is_full(struct queue *queue);

/* Nothing will be added any more. */
void queue_close(struct queue *queue);

/* For the writer: the first batch, or NULL when there is none even after WAIT_NS. Sets *IS_CLOSING.
 */
struct store_batch *queue_first(struct queue *queue, uint64_t wait_ns, int *is_closing);
void queue_remove_first(struct queue *queue);

/* For the writer: waits for WAIT_NS, whatever is added. Returns whether the queue is closing. */
int queue_rest(struct queue *queue, uint64_t wait_ns);

#endif
