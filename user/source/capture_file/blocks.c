/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/capture_file/blocks.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/wait.h"

/* How often a waiting thread checks for an interrupt. */
#define LOOK_UP_NS 20000000

/* One that the caller has, one that is being read, and one between them. */
#define RING 3

struct block {
    unsigned char *memory; /* room for the rest of the block before, then the octets that were read
                            */
    ssize_t got;           /* as of the reader: octets, 0, or -1 */
    int failure;           /* errno */
};

struct blocks {
    blocks_reader *reader;
    int fd;
    off_t read_at; /* the thread's own */
    size_t block_octets;
    off_t given_to; /* the caller's own, as is: */
    int is_holding; /* the caller has block number `taken` */
    pthread_t thread;
    pthread_mutex_t lock;   /* protects the members below, except the contents of blocks */
    pthread_cond_t changed; /* signals changes of the members below */
    uint64_t written;       /* blocks read so far, the end or a failure included */
    uint64_t taken;         /* blocks given back so far */
    int stop;
    int has_ended;
    struct block ring[RING];
};

int blocks_would_help(void)
{
#if defined(__linux__)
    cpu_set_t allowed;

    if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0)
        return CPU_COUNT(&allowed) > 1;
#endif
    return sysconf(_SC_NPROCESSORS_ONLN) > 1;
}

/* Waits for a block that is free. Returns it, or NULL when reading is to stop. */
static struct block *wait_for_place(struct blocks *blocks)
{
    struct block *place = NULL;

    pthread_mutex_lock(&blocks->lock);
    while (!blocks->stop && blocks->written - blocks->taken == RING)
        pthread_cond_wait(&blocks->changed, &blocks->lock);
    if (!blocks->stop)
        place = &blocks->ring[blocks->written % RING];
    pthread_mutex_unlock(&blocks->lock);
    return place;
}

static int is_stopped(struct blocks *blocks)
{
    int stop;

    pthread_mutex_lock(&blocks->lock);
    stop = blocks->stop;
    pthread_mutex_unlock(&blocks->lock);
    return stop;
}

/* Reads BLOCK. A signal that interrupts this only matters when reading is to stop. */
static void read_block(struct blocks *blocks, struct block *block)
{
    do {
        block->got = blocks->reader(blocks->fd, block->memory + BLOCKS_REST_MAX,
                                    blocks->block_octets, blocks->read_at);
        block->failure = errno;
    } while (block->got < 0 && block->failure == EINTR && !is_stopped(blocks));
    if (block->got > 0)
        blocks->read_at += block->got;
}

static void *read_all(void *argument)
{
    struct blocks *blocks = argument;
    struct block *block;
    int is_last = 0;

    while (!is_last && (block = wait_for_place(blocks))) {
        read_block(blocks, block);
        is_last = block->got <= 0;
        pthread_mutex_lock(&blocks->lock);
        blocks->written++;
        pthread_cond_signal(&blocks->changed);
        pthread_mutex_unlock(&blocks->lock);
    }
    pthread_mutex_lock(&blocks->lock);
    blocks->has_ended = 1;
    pthread_cond_signal(&blocks->changed);
    pthread_mutex_unlock(&blocks->lock);
    return NULL;
}

static void release(struct blocks *blocks)
{
    for (size_t i = 0; i < RING; i++)
        free(blocks->ring[i].memory);
    pthread_cond_destroy(&blocks->changed);
    pthread_mutex_destroy(&blocks->lock);
    free(blocks);
}

struct blocks *blocks_start(blocks_reader *reader, int fd, off_t offset, size_t block_octets)
{
    struct blocks *blocks = calloc(1, sizeof(*blocks));
    int has_memory = 1;

    if (!blocks)
        return NULL;
    blocks->reader = reader;
    blocks->fd = fd;
    blocks->read_at = blocks->given_to = offset;
    blocks->block_octets = block_octets;
    pthread_mutex_init(&blocks->lock, NULL);
    wait_init(&blocks->changed);
    for (size_t i = 0; i < RING; i++) {
        blocks->ring[i].memory = malloc(BLOCKS_REST_MAX + block_octets);
        has_memory &= blocks->ring[i].memory != NULL;
    }
    if (has_memory && pthread_create(&blocks->thread, NULL, read_all, blocks) == 0)
        return blocks;
    release(blocks);
    return NULL;
}

/* Waits for the block behind the one that the caller has. Returns NULL after an interrupt. */
static struct block *wait_for_block(struct blocks *blocks)
{
    uint64_t number;
    int is_there;

    pthread_mutex_lock(&blocks->lock);
    number = blocks->taken + (blocks->is_holding != 0);
    while (blocks->written == number && !interrupted())
        wait_for(&blocks->changed, &blocks->lock, LOOK_UP_NS);
    is_there = blocks->written != number;
    pthread_mutex_unlock(&blocks->lock);
    return is_there ? &blocks->ring[number % RING] : NULL;
}

/* Gives back the block that the caller had, if any. */
static void give_back(struct blocks *blocks)
{
    if (!blocks->is_holding)
        return;
    pthread_mutex_lock(&blocks->lock);
    blocks->taken++;
    pthread_cond_signal(&blocks->changed);
    pthread_mutex_unlock(&blocks->lock);
}

ssize_t blocks_next(struct blocks *blocks, unsigned char **data, size_t rest)
{
    struct block *block = wait_for_block(blocks);
    unsigned char *start;

    if (!block || block->got <= 0) {
        errno = block ? block->failure : EINTR;
        return block ? block->got : -1;
    }
    start = block->memory + BLOCKS_REST_MAX - rest;
    memcpy(start, *data, rest);
    *data = start;
    give_back(blocks);
    blocks->is_holding = 1;
    blocks->given_to += block->got;
    return block->got;
}

off_t blocks_stop(struct blocks *blocks)
{
    off_t given_to = blocks->given_to;

    pthread_mutex_lock(&blocks->lock);
    blocks->stop = 1;
    pthread_cond_signal(&blocks->changed);
    while (!blocks->has_ended) { /* it may wait for a slow file */
        interrupt_thread(blocks->thread);
        wait_for(&blocks->changed, &blocks->lock, LOOK_UP_NS);
    }
    pthread_mutex_unlock(&blocks->lock);
    pthread_join(blocks->thread, NULL);
    release(blocks);
    return given_to;
}
