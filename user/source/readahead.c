/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/readahead.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/stream_copy.h"
#include "base/wait.h"
#include "source/decode.h"

/* How often a waiting thread checks for an interrupt. */
#define LOOK_UP_NS 20000000

/* Batches in the ring: one that the caller has, one that is being copied, and two between them.
 * They take 1.5 MB. */
#define RING 4

struct readahead {
    const struct source_ops *ops;
    void *state;
    pthread_t thread;
    pthread_mutex_t lock;   /* protects the members below, except the contents of batches */
    pthread_cond_t changed; /* signals changes of the members below */
    uint64_t written;       /* batches written so far, by the reader thread */
    uint64_t taken;         /* batches given back so far, by the caller */
    int is_holding;         /* the caller has batch number `taken` */
    int stop;
    int has_ended;             /* the reader thread has ended */
    enum source_status status; /* how reading ended, unless it was stopped */
    struct error error;
    struct batch filled; /* the reader thread's own */
    struct batch ring[RING];
    struct source_statistics seen[RING]; /* statistics up to the end of each batch */
};

/* Waits for a change, at most LOOK_UP_NS. The caller holds the lock. */
static void wait_a_while(struct readahead *readahead)
{
    wait_for(&readahead->changed, &readahead->lock, LOOK_UP_NS);
}

/* Waits for a free batch. Returns it, or NULL when reading is to stop. */
static struct batch *wait_for_place(struct readahead *readahead)
{
    struct batch *place = NULL;

    pthread_mutex_lock(&readahead->lock);
    while (!readahead->stop && readahead->written - readahead->taken == RING)
        pthread_cond_wait(&readahead->changed, &readahead->lock);
    if (!readahead->stop)
        place = &readahead->ring[readahead->written % RING];
    pthread_mutex_unlock(&readahead->lock);
    return place;
}

/* Hands over the batch that was filled, or the end of reading. Waking the caller takes some
 * microseconds, so after a full batch it is only woken when several wait. */
static void publish(struct readahead *readahead, enum source_status status)
{
    int is_full = status == SOURCE_MORE && !batch_has_room(&readahead->filled);

    pthread_mutex_lock(&readahead->lock);
    if (status == SOURCE_MORE)
        readahead->written++;
    if (!readahead->stop) /* a source that was interrupted may report a failure */
        readahead->status = status;
    if (!is_full || readahead->written - readahead->taken >= RING / 2)
        pthread_cond_signal(&readahead->changed);
    pthread_mutex_unlock(&readahead->lock);
}

_Static_assert(sizeof(struct frame_record) % sizeof(uint64_t) == 0 &&
                   (sizeof(struct batch) - offsetof(struct batch, count)) % sizeof(size_t) == 0,
               "stream_copy() needs this");

/* Copies FROM to TO, a batch of the ring. TO may be in the cache of the caller's processor, so the
 * copy bypasses this processor's cache. */
static void copy_batch(struct batch *to, const struct batch *from)
{
    size_t head = offsetof(struct batch, count);

    stream_copy(to->records, from->records, from->count * sizeof(from->records[0]));
    memcpy(to->missed, from->missed, from->missed_count * sizeof(from->missed[0]));
    stream_copy((char *)to + head, (const char *)from + head, sizeof(*from) - head);
}

static void *read_all(void *argument)
{
    struct readahead *readahead = argument;
    struct batch *filled = &readahead->filled, *batch;
    enum source_status status = SOURCE_MORE;

    while (status == SOURCE_MORE && (batch = wait_for_place(readahead))) {
        status = readahead->ops->next(readahead->state, 0, filled, &readahead->error);
        copy_batch(batch, filled);
        readahead->ops->statistics(readahead->state, 0, &readahead->seen[batch - readahead->ring]);
        publish(readahead, status);
    }
    pthread_mutex_lock(&readahead->lock);
    readahead->has_ended = 1;
    pthread_cond_signal(&readahead->changed);
    pthread_mutex_unlock(&readahead->lock);
    return NULL;
}

struct readahead *readahead_start(const struct source_ops *ops, void *state, struct error *error)
{
    struct readahead *readahead = calloc(1, sizeof(*readahead));
    int reason;

    if (!readahead) {
        error_set(error, "cannot start reading: %s", strerror(ENOMEM));
        return NULL;
    }
    readahead->ops = ops;
    readahead->state = state;
    readahead->status = SOURCE_MORE;
    pthread_mutex_init(&readahead->lock, NULL);
    wait_init(&readahead->changed);
    reason = pthread_create(&readahead->thread, NULL, read_all, readahead);
    if (reason) {
        error_set(error, "cannot start reading: %s", strerror(reason));
        pthread_cond_destroy(&readahead->changed);
        pthread_mutex_destroy(&readahead->lock);
        free(readahead);
        return NULL;
    }
    return readahead;
}

/* Makes the reader thread end, even if it waits for input. The caller holds the lock. */
static void ask_to_end(struct readahead *readahead)
{
    if (readahead->has_ended)
        return;
    readahead->stop = 1;
    pthread_cond_signal(&readahead->changed);
    interrupt_thread(readahead->thread);
}

const struct batch *readahead_next(struct readahead *readahead)
{
    const struct batch *batch = NULL;

    pthread_mutex_lock(&readahead->lock);
    if (readahead->is_holding) {
        readahead->taken++;
        readahead->is_holding = 0;
        pthread_cond_signal(&readahead->changed);
    }
    if (interrupted())
        ask_to_end(readahead);
    while (readahead->written == readahead->taken && !readahead->has_ended) {
        wait_a_while(readahead);
        if (interrupted())
            ask_to_end(readahead);
    }
    if (readahead->written != readahead->taken) {
        batch = &readahead->ring[readahead->taken % RING];
        readahead->is_holding = 1;
    }
    pthread_mutex_unlock(&readahead->lock);
    return batch;
}

void readahead_statistics(const struct readahead *readahead, struct source_statistics *statistics)
{
    *statistics = readahead->seen[readahead->taken % RING];
}

/* Whether readahead_next() would return without waiting. The caller holds the lock. */
static int is_ready(const struct readahead *readahead)
{
    uint64_t held = readahead->taken + (readahead->is_holding != 0);

    return readahead->written != held || readahead->has_ended || interrupted();
}

int readahead_wait(struct readahead *readahead, uint64_t wait_ns)
{
    int ready;

    pthread_mutex_lock(&readahead->lock);
    for (uint64_t waited = 0; !is_ready(readahead) && waited < wait_ns; waited += LOOK_UP_NS)
        wait_a_while(readahead);
    ready = is_ready(readahead);
    pthread_mutex_unlock(&readahead->lock);
    return ready;
}

enum source_status readahead_stop(struct readahead *readahead, struct error *error)
{
    enum source_status status;

    pthread_mutex_lock(&readahead->lock);
    while (!readahead->has_ended) {
        ask_to_end(readahead);
        wait_a_while(readahead);
    }
    pthread_mutex_unlock(&readahead->lock);
    pthread_join(readahead->thread, NULL);
    status = readahead->status;
    if (status == SOURCE_FAILED)
        *error = readahead->error;
    pthread_cond_destroy(&readahead->changed);
    pthread_mutex_destroy(&readahead->lock);
    free(readahead);
    return status;
}
