/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "session/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/monotonic.h"
#include "base/text.h"
#include "interface/choice.h"
#include "session/presence.h"
#include "source/interleave.h"

/* --- opening --- */

/* Names of the interfaces with commas between, to be freed; NULL: no memory. */
static char *join_names(const struct session_options *options)
{
    size_t size = 1;
    struct text text;
    char *names;

    for (size_t i = 0; i < options->interface_count; i++)
        size += strlen(options->interfaces[i]) + 1;
    names = malloc(size);
    if (!names)
        return NULL;
    text = text_over(names, size);
    for (size_t i = 0; i < options->interface_count; i++)
        text_add(&text, "%s%s", i ? "," : "", options->interfaces[i]);
    return names;
}

/* The size of each ring: what is asked for, or a part of what all may have together. */
static size_t ring_bytes(const struct session *session)
{
    const struct session_options *options = &session->options;
    size_t rings = options->siblings;

    if (options->buffer_bytes)
        return options->buffer_bytes;
    if (!method_source(session->method)->watches_several)
        rings *= options->interface_count;
    return SESSIONS_RING_BYTES / rings < RING_BYTES ? SESSIONS_RING_BYTES / rings : RING_BYTES;
}

static enum exit_code open_source(struct session *session, int is_second, struct error *error)
{
    const struct session_options *options = &session->options;
    struct source_options source_options = {
        .target = options->interfaces[0],
        .targets = options->interfaces,
        .target_count = options->interface_count,
        .each = method_source(session->method),
        .filter = options->filter,
        .protocols = options->protocols,
        .limit = &session->limit,
        .direction = options->direction,
        .timestamp = options->timestamp,
        .is_second = is_second,
        .user = options->user,
        .workers = options->workers,
        .buffer_bytes = ring_bytes(session),
    };

    session->source = source_options.each;
    if (options->interface_count > 1 && !session->source->watches_several)
        session->source = &interleaved_source;
    switch (session->source->open(&session->state, &source_options, error)) {
    case OPEN_DONE:
        return EXIT_DONE;
    case OPEN_BAD_FILTER:
        return EXIT_USAGE;
    case OPEN_FAILED:
    case OPEN_INTERRUPTED:
        break;
    }
    return EXIT_FAILED;
}

/* Notes that the method, which `auto` chose, does not work here, and says so. */
static void pass_over(struct session *session, struct method_circumstances *circumstances,
                      struct error *error)
{
    struct error why = *error;

    snprintf(circumstances->refused[session->method], METHOD_REASON_CHARS, "%.*s",
             METHOD_REASON_CHARS - 1, error->text);
    error_set(error, "auto passes over %s: %s", method_name(session->method), why.text);
    memcpy(error->detail, why.detail, sizeof(error->detail));
    error_print(error);
    session->method = METHOD_NONE;
}

static struct method_circumstances circumstances_of(const struct session_options *options)
{
    struct method_circumstances circumstances = method_circumstances_here();

    circumstances.direction = options->direction;
    circumstances.timestamp = options->timestamp;
    circumstances.has_filter = options->filter != NULL;
    return circumstances;
}

/* Settles the method: for several interfaces, the first in the order of `auto` that is none of
 * them's better one, since each works wherever one before it does. Without EXIT_DONE, ERROR is set.
 */
static enum exit_code settle_method(struct session *session,
                                    const struct method_circumstances *circumstances,
                                    struct error *error)
{
    const struct session_options *options = &session->options;
    enum method wanted = session->method, common = METHOD_XDP;

    for (size_t i = 0; i < options->interface_count; i++) {
        enum method method = wanted;
        enum exit_code code =
            method_settle(options->interfaces[i], circumstances, options->is_quiet, &method, error);

        if (code != EXIT_DONE)
            return code;
        if (method > common)
            common = method;
    }
    session->method = common;
    return EXIT_DONE;
}

/* Opens the source of the method that is asked for, or of the first that works. Without EXIT_DONE,
 * ERROR is set. */
static enum exit_code open_by_method(struct session *session, int is_second, struct error *error)
{
    struct method_circumstances circumstances = circumstances_of(&session->options);
    int is_auto = session->method == METHOD_NONE;
    enum exit_code code;

    for (;;) {
        code = settle_method(session, &circumstances, error);
        if (code != EXIT_DONE)
            return code;
        code = open_source(session, is_second, error);
        if (code != EXIT_FAILED || !is_auto)
            return code;
        pass_over(session, &circumstances, error);
    }
}

/* Claims INTERFACE. Returns whether another gapwatch watches it already, and says so: both count
 * the same frames, but only the first has its maps where bpftool finds them. */
static int say_other_sensor(const char *interface)
{
    pid_t other = presence_claim(interface);

    if (other > 0)
        fprintf(stderr, "gapwatch: another gapwatch (process %d) watches %s already\n", (int)other,
                interface);
    else if (other < 0)
        fprintf(stderr, "gapwatch: another gapwatch watches %s already\n", interface);
    return other != 0;
}

enum exit_code session_open(struct session *session, const struct session_options *options,
                            struct error *error)
{
    int is_second = 0;
    enum exit_code code;

    *session = (struct session){
        .options = *options,
        .name = join_names(options),
        .method = options->method,
        .sink = options->sink,
        .limit = {.most = options->max_frames},
    };
    if (!session->name) {
        error_set(error, "no memory for a session");
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < options->interface_count; i++)
        is_second |= say_other_sensor(options->interfaces[i]);
    code = open_by_method(session, is_second, error);
    if (code == EXIT_DONE)
        session->stage = SESSION_OPEN;
    else
        free(session->name);
    return code;
}

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

static int make_workers(struct session *session, struct error *error)
{
    const struct session_options *options = &session->options;
    uint64_t max_flows = options->max_flows / options->workers;
    struct worker_settings settings = {
        .source = session->source,
        .state = session->state,
        .sink = &session->sink,
        .window = options->window,
        .protocols = options->protocols,
        .max_flows = max_flows ? (uint32_t)max_flows : 1,
        .idle_ns = options->idle_ns,
    };

    session->workers = calloc(options->workers, sizeof(*session->workers));
    for (unsigned i = 0; session->workers && i < options->workers; i++)
        if (worker_init(&session->workers[i], &settings, i) < 0)
            return error_set(error, "no memory for --max-flows %" PRIu64, options->max_flows);
    return session->workers ? 0 : error_set(error, "no memory for the workers");
}

/* Returns 0, or -1 with ERROR set and none running. */
static int start_workers(struct session *session, struct error *error)
{
    for (unsigned i = 0; i < session->options.workers; i++) {
        int reason = worker_start(&session->workers[i]);

        if (!reason)
            continue;
        while (i > 0)
            worker_stop(&session->workers[--i]);
        return error_set(error, "cannot start a worker: %s", strerror(reason));
    }
    return 0;
}

int session_start(struct session *session, struct error *error)
{
    session->started_ns = monotonic_ns();
    if (open_sink(session, error) < 0 || make_workers(session, error) < 0 ||
        start_workers(session, error) < 0)
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

/* All workers notice; the first one tells. */
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

/* Says what WORKER ended with, where it did not end well. */
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
    struct error ignored; /* whoever needs it has settled before */

    if (session->stage == SESSION_CLOSED)
        return;
    sink_close(&session->sink, &ignored);
    for (unsigned i = 0; session->workers && i < session->options.workers; i++)
        worker_release(&session->workers[i]);
    free(session->workers);
    free(session->name);
    session->source->close(session->state);
    session->stage = SESSION_CLOSED;
}
