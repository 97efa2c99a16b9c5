/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A sink keeps results while they are found. It takes the changes of the trackers that feed it. The
 * code that feeds it does not know which sink it is.
 *
 *     sink_open(&sink, &capture, &error);      // the command has chosen ops and settings
 *     tracker_keep_changes(&tracker);          // of each shard, before its first record
 *     while (...) {
 *         tracker_receive(&tracker, ...);
 *         sink.ops->collect(sink.state, &feed, now_ns);
 *     }
 *     tracker_finish(&tracker);
 *     sink.ops->finish(sink.state, &feed, now_ns);
 *     sink_close(&sink, &error);               // after finish() of all shards
 */
#ifndef GAPWATCH_SINK_SINK_H
#define GAPWATCH_SINK_SINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "source/source.h"
#include "track/tracker.h"

/* The capture whose results are kept. */
struct sink_capture {
    const char *source; /* names of interfaces or files in one string; must outlive the sink */
    const char *method;
    uint32_t window; /* replay window, in sequence numbers */
    unsigned shards; /* trackers that feed the sink, at least 1, each in its own thread */
    int is_file;     /* intervals follow the times of the frames, not the system's clock */
};

/* One of the trackers that feed a sink. */
struct sink_feed {
    unsigned shard; /* its number, from 0 */
    struct tracker *tracker;

    /* Sets STATISTICS to those of the shard's source so far; those of all shards add up. */
    void (*count)(const void *source, struct source_statistics *statistics);
    const void *source; /* the argument of count() */
};

struct sink_ops {
    /* Starts to keep the results of CAPTURE. SETTINGS belong to this kind of sink and must outlive
     * it. May wait some seconds. Returns the sink's state, or NULL with ERROR set. */
    void *(*open)(const void *settings, const struct sink_capture *capture, struct error *error);

    /* For files: how many of the COUNT RECORDS, from the first on, SHARD's tracker may receive
     * before the next collect(). */
    size_t (*fitting)(void *state, unsigned shard, const struct frame_record *records,
                      size_t count);

    /* Takes the changes of FEED's tracker when it is time to. NOW_NS is the UTC time up to which
     * the tracker has received frames. Copies, and never waits. */
    void (*collect)(void *state, const struct sink_feed *feed, uint64_t now_ns);

    /* Live, before collect(): the real-time clock was set by STEP_NS and is NOW_NS. SHARD's tracker
     * has moved its times. */
    void (*shift)(void *state, unsigned shard, int64_t step_ns, uint64_t now_ns);

    /* Takes all remaining changes of FEED's tracker, which is finished. */
    void (*finish)(void *state, const struct sink_feed *feed, uint64_t now_ns);

    /* Waits until everything is kept, or for a limited time if it cannot be, and frees STATE.
     * Returns 0, or -1 with ERROR set to what was not kept. */
    int (*close)(void *state, struct error *error);
};

/* A sink that a command has chosen. If OPS is NULL, results are not kept. */
struct sink {
    const struct sink_ops *ops;
    const void *settings; /* for open(); not owned */
    void *state;          /* valid while it is open */
};

/* Opens SINK, if there is one. Returns 0, or -1 with ERROR set. */
static inline int sink_open(struct sink *sink, const struct sink_capture *capture,
                            struct error *error)
{
    if (!sink->ops)
        return 0;
    sink->state = sink->ops->open(sink->settings, capture, error);
    return sink->state ? 0 : -1;
}

/* Closes SINK, if it is open. Returns 0, or -1 with ERROR set. */
static inline int sink_close(struct sink *sink, struct error *error)
{
    void *state = sink->state;

    sink->state = NULL;
    return state ? sink->ops->close(state, error) : 0;
}

#endif
