/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A worker of a live capture: a thread with its own part of the source and its own tracker. */
#ifndef GAPWATCH_SESSION_WORKER_H
#define GAPWATCH_SESSION_WORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "sink/sink.h"
#include "source/source.h"
#include "track/tracker.h"

struct worker_settings {
    const struct source_ops *source;
    void *state;             /* of the opened source; not owned */
    const struct sink *sink; /* not owned */
    uint32_t window;
    uint32_t protocols; /* that are tracked */
    uint32_t max_flows;
    uint64_t idle_ns; /* a flow without frames for so long leaves */
};

/* Bits that an enum interface_event takes. */
#define EVENT_BITS 4
#define EVENT_MASK ((1u << EVENT_BITS) - 1)

/* What the main thread may read at any time; the worker writes. */
struct worker_progress {
    _Atomic uint64_t frames;
    _Atomic uint64_t drops;
    _Atomic uint64_t gaps;
    _Atomic uint64_t flows;
    _Atomic uint64_t events[TARGETS_MAX]; /* of each interface, that nobody has taken yet, the
                                             newest in the lowest bits */
    _Atomic int has_ended;
};

struct worker {
    struct worker_settings settings;
    unsigned number;
    pthread_t thread;
    _Atomic int stop;
    struct worker_progress progress;
    struct tracker tracker;    /* the thread's, until it has ended */
    struct batch *batch;       /* the same */
    uint64_t read_ns;          /* when the last batch was filled, in UTC */
    uint64_t counted_ns;       /* when the statistics were last looked at */
    uint64_t expired_ns;       /* when idle flows last left */
    enum source_status status; /* of the last next() */
    struct error error;        /* when that is SOURCE_FAILED */
};

/* Makes the tracker. WORKER must stay where it is. Returns 0, or -1: no memory. */
int worker_init(struct worker *worker, const struct worker_settings *settings, unsigned number);
void worker_release(struct worker *worker);

/* Starts the thread. Returns 0, or the errno that says why not. */
int worker_start(struct worker *worker);

/* What happened to the interface TARGET, the oldest event that was not taken yet first;
 * INTERFACE_SAME: there is none. For one thread at a time. */
enum interface_event worker_event(struct worker *worker, size_t target);

/* Ends the thread after the batch that it is at. */
void worker_stop(struct worker *worker);

/* Behind worker_stop() of all COUNT workers and the source's stop(): counts what is left in it, and
 * ends the streams. The workers take turns, so that none waits for what another has to read. */
void workers_drain(struct worker *workers, unsigned count);

#endif
