/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A worker of a live capture: a thread with its own part of the source and its own tracker. */
#ifndef GAPWATCH_SESSION_WORKER_H
#define GAPWATCH_SESSION_WORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "session/stack.h"
#include "sink/sink.h"
#include "source/source.h"
#include "track/tracker.h"

struct worker_settings {
    const struct source_ops *source;
    void *state;             /* of the open source; not owned */
    const struct sink *sink; /* not owned */
    uint32_t window;
    uint32_t protocols; /* tracked protocols */
    int keeps_sas;      /* ended SAs are kept for the report */
    uint32_t max_flows;
    uint64_t idle_ns; /* a flow without frames for this time leaves the table */
};

/* Bits for an enum interface_event. */
#define EVENT_BITS 4
#define EVENT_MASK ((1u << EVENT_BITS) - 1)

/* Written by the worker; the main thread may read it at any time. */
struct worker_progress {
    _Atomic uint64_t frames;
    _Atomic uint64_t drops;
    _Atomic uint64_t gaps;
    _Atomic uint64_t flows;
    _Atomic uint64_t events[TARGETS_MAX]; /* for each interface, events that were not taken yet, the
                                             newest in the lowest bits */
    _Atomic uint64_t rounds; /* number of batches requested from the source, empty ones included */
    _Atomic int has_ended;
};

struct worker {
    struct worker_settings settings;
    unsigned number;
    pthread_t thread;
    struct stack stack; /* of the thread */
    _Atomic int stop;
    struct worker_progress progress;
    struct tracker tracker;    /* used by the thread only, until it has ended */
    struct batch *batch;       /* used by the thread only, until it has ended */
    uint64_t seen_rounds;      /* of progress, at the last worker_moved() */
    uint64_t read_ns;          /* UTC time when the last batch was filled */
    uint64_t counted_ns;       /* when the statistics were last read */
    uint64_t expired_ns;       /* when idle flows were last removed */
    enum source_status status; /* result of the last next() */
    struct error error;        /* valid when that is SOURCE_FAILED */
};

/* Makes an array of COUNT workers with their trackers and the stacks of their threads, so that
 * later no memory is missing for them. There are no threads yet: they would keep privileges that
 * the program gives up. The sink may be opened later. Returns NULL: no memory. The caller passes it
 * to workers_release(). */
struct worker *workers_make(const struct worker_settings *settings, unsigned count);
/* Frees the COUNT WORKERS, which may be NULL; their threads must have ended. */
void workers_release(struct worker *workers, unsigned count);

/* Starts the thread of WORKER; the sink must be open. Returns 0, or an errno. */
int worker_start(struct worker *worker);

/* The oldest event of the interface TARGET that was not taken yet; INTERFACE_SAME: none. Only one
 * thread may call this. */
enum interface_event worker_event(struct worker *worker, size_t target);

/* Whether WORKER asked its source for another batch since the last call. Only one thread may call
 * this. */
int worker_moved(struct worker *worker);

/* Ends the thread of WORKER after its present batch. */
void worker_stop(struct worker *worker);

/*
 * Called after worker_stop() of all COUNT workers and the source's stop(): counts the frames left
 * in the source and ends the streams. The workers are read in turn, so that none waits for frames
 * that another has to read first.
 */
void workers_drain(struct worker *workers, unsigned count);

#endif
