/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "session/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/monotonic.h"

unsigned session_kept_privileges(const struct session *session)
{
    return method_kept_privileges(session->method, session->options.workers);
}

/* --- starting --- */

static int open_sink(struct session *session, struct error *error)
{
    struct sink_capture capture = {
        .source = session->name,
        .method = method_name(session->method),
        .window = session->options.window,
        .shards = session->options.workers,
    };

    return sink_open(&session->sink, &capture, error);
}

/* Returns 0, or -1 with ERROR set and no worker running. */
static int start_workers(struct session *session, struct error *error)
{
    for (unsigned i = 0; i < session->options.workers; i++) {
        int reason = worker_start(&session->workers[i]);

        if (!reason)
            continue;
        while (i > 0)
            worker_stop(&session->workers[--i]);
        return error_set(error, "cannot start a worker: %s",
                         reason == EAGAIN ? "too many threads" : strerror(reason));
    }
    return 0;
}

int session_start(struct session *session, struct error *error)
{
    session->started_ns = monotonic_ns();
    if (open_sink(session, error) < 0 || start_workers(session, error) < 0)
        return -1;
    session->stage = SESSION_RUNS;
    return 0;
}

/* --- while it runs --- */

int session_is_over(const struct session *session)
{
    for (unsigned i = 0; i < session->options.workers; i++)
        if (atomic_load(&session->workers[i].progress.has_ended))
            return 1;
    return session->limit.most && session_progress(session).frames >= session->limit.most;
}

struct session_progress session_progress(const struct session *session)
{
    struct session_progress sum = {0};

    for (unsigned i = 0; i < session->options.workers; i++) {
        const struct worker_progress *progress = &session->workers[i].progress;

        sum.frames += atomic_load_explicit(&progress->frames, memory_order_relaxed);
        sum.drops += atomic_load_explicit(&progress->drops, memory_order_relaxed);
        sum.gaps += atomic_load_explicit(&progress->gaps, memory_order_relaxed);
        sum.flows += atomic_load_explicit(&progress->flows, memory_order_relaxed);
    }
    return sum;
}

int session_moved(struct session *session)
{
    int all = 1;

    for (unsigned i = 0; i < session->options.workers; i++)
        if (!worker_moved(&session->workers[i]))
            all = 0;
    return all;
}

/* All workers see the events of an interface; only those of the first worker are reported. */
enum interface_event session_event(struct session *session, const char **interface)
{
    for (size_t i = 0; i < session->options.interface_count; i++) {
        enum interface_event event = worker_event(&session->workers[0], i);

        *interface = session->options.interfaces[i];
        if (event != INTERFACE_SAME)
            return event;
    }
    return INTERFACE_SAME;
}

/* --- the end --- */

/* Prints the problems with which WORKER ended. */
static enum exit_code say_end(const struct worker *worker)
{
    enum exit_code code = EXIT_DONE;

    if (worker->status == SOURCE_FAILED)
        code = complain(&worker->error, EXIT_FAILED);
    if (worker->tracker.untracked) {
        fprintf(stderr, "gapwatch: no memory to track %" PRIu64 " frames\n",
                worker->tracker.untracked);
        code = EXIT_FAILED;
    }
    return code;
}

static uint64_t wall_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

void session_end(struct session *session)
{
    unsigned count = session->options.workers;

    for (unsigned i = 0; i < count; i++)
        worker_stop(&session->workers[i]);
    session->source->stop(session->state);
    workers_drain(session->workers, count);
    session->ended_ns = monotonic_ns();
    session->end_utc_ns = wall_clock_ns();
    for (unsigned i = 0; i < count; i++)
        if (say_end(&session->workers[i]) != EXIT_DONE)
            session->code = EXIT_FAILED;
    session->stage = SESSION_ENDED;
}

size_t session_trackers(struct session *session, struct tracker *trackers[WORKERS_MAX])
{
    for (unsigned i = 0; i < session->options.workers; i++)
        trackers[i] = &session->workers[i].tracker;
    return session->options.workers;
}

struct source_statistics session_statistics(const struct session *session)
{
    struct source_statistics sum = {0};

    for (unsigned i = 0; i < session->options.workers; i++) {
        struct source_statistics part;

        session->source->statistics(session->state, i, &part);
        statistics_add(&sum, &part);
    }
    return sum;
}

double session_seconds(const struct session *session)
{
    return (double)(session->ended_ns - session->started_ns) / (double)NS_PER_SECOND;
}

enum exit_code session_settle(struct session *session)
{
    struct error error;

    if (sink_close(&session->sink, &error) < 0)
        session->code = complain(&error, EXIT_FAILED);
    return session->code;
}

void session_close(struct session *session)
{
    struct error ignored; /* it was handled by session_settle() */

    if (session->stage == SESSION_CLOSED)
        return;
    sink_close(&session->sink, &ignored);
    workers_release(session->workers, session->options.workers);
    free(session->name);
    session->source->close(session->state);
    session->stage = SESSION_CLOSED;
}
