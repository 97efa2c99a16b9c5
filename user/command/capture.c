/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/monotonic.h"
#include "interface/choice.h"
#include "linux/privileges.h"
#include "live/presence.h"
#include "live/progress_line.h"
#include "live/worker.h"
#include "report/report.h"
#include "store/store.h"

#define LOOK_EVERY_NS 100000000
#define BYTES_PER_MB  (1024 * 1024)

struct capture {
    const struct options *options;
    const char *interface;
    const char *database; /* NULL: none */
    enum method method;   /* METHOD_NONE: to be chosen */
    int is_second;        /* another gapwatch watches the interface already */
    const struct source_ops *ops;
    void *state;
    struct worker *workers; /* options->workers of them */
    struct store *store;    /* NULL: results are not kept */
    struct progress_line progress;
};

static enum exit_code open_source(struct capture *capture, struct error *error)
{
    const struct options *options = capture->options;
    struct source_options source_options = {
        .target = capture->interface,
        .filter = options->filter,
        .tunnels = TUNNELS_ALL,
        .direction = (enum direction)options->direction,
        .timestamp = (enum timestamp_choice)options->timestamp,
        .is_second = capture->is_second,
        .user = options->user,
        .workers = (unsigned)options->workers,
        .buffer_bytes = options->buffer_mb * BYTES_PER_MB,
    };

    switch (capture->ops->open(&capture->state, &source_options, error)) {
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
static void pass_over(struct capture *capture, struct method_circumstances *circumstances,
                      struct error *error)
{
    struct error why = *error;

    snprintf(circumstances->refused[capture->method], METHOD_REASON_CHARS, "%.*s",
             METHOD_REASON_CHARS - 1, error->text);
    error_set(error, "auto passes over %s: %s", method_name(capture->method), why.text);
    memcpy(error->detail, why.detail, sizeof(error->detail));
    error_print(error);
    capture->method = METHOD_NONE;
}

static struct method_circumstances circumstances_of(const struct options *options)
{
    struct method_circumstances circumstances = method_circumstances_here();

    circumstances.direction = (enum direction)options->direction;
    circumstances.timestamp = (enum timestamp_choice)options->timestamp;
    circumstances.has_filter = options->filter != NULL;
    return circumstances;
}

/* Opens the source of the method that is asked for, or of the first that works. Without EXIT_DONE,
 * ERROR is set. */
static enum exit_code open_by_method(struct capture *capture, struct error *error)
{
    struct method_circumstances circumstances = circumstances_of(capture->options);
    int is_auto = capture->method == METHOD_NONE;
    enum exit_code code;

    for (;;) {
        code = method_settle(capture->interface, &circumstances, capture->options->quiet,
                             &capture->method, error);
        if (code != EXIT_DONE)
            return code;
        capture->ops = method_source(capture->method);
        code = open_source(capture, error);
        if (code != EXIT_FAILED || !is_auto)
            return code;
        pass_over(capture, &circumstances, error);
    }
}

/* Says on standard error what is watched, and how. */
static void say_watching(const struct capture *capture)
{
    char words[256];
    struct text text = text_over(words, sizeof(words));

    if (capture->options->quiet)
        return;
    if (capture->ops->describe)
        capture->ops->describe(capture->state, &text);
    fprintf(stderr, "gapwatch: watching %s with %s%s%s%s\n", capture->interface, capture->ops->name,
            text.length ? " (" : "", words, text.length ? ")" : "");
}

/* Both count the same frames; only the first has its maps where bpftool finds them. */
static void say_other_sensor(struct capture *capture)
{
    pid_t other = presence_claim(capture->interface);

    capture->is_second = other != 0;
    if (other > 0)
        fprintf(stderr, "gapwatch: another gapwatch (process %d) watches %s already\n", (int)other,
                capture->interface);
    else if (other < 0)
        fprintf(stderr, "gapwatch: another gapwatch watches %s already\n", capture->interface);
}

/* --- while it runs --- */

static int any_worker_has_ended(const struct capture *capture)
{
    for (unsigned i = 0; i < capture->options->workers; i++)
        if (atomic_load(&capture->workers[i].progress.has_ended))
            return 1;
    return 0;
}

static void watch(struct capture *capture)
{
    struct timespec look = {.tv_nsec = LOOK_EVERY_NS};

    while (!interrupted() && !any_worker_has_ended(capture)) {
        nanosleep(&look, NULL);
        progress_line_update(&capture->progress, monotonic_ns());
    }
}

/* --- the end --- */

/* On the clock of the frames. */
static uint64_t wall_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static enum exit_code write_report(struct capture *capture, double seconds)
{
    const struct options *options = capture->options;
    struct tracker *trackers[WORKERS_MAX];
    struct report report = {
        .method = capture->ops->name,
        .targets = (char *const *)&capture->interface,
        .target_count = 1,
        .seconds = seconds,
        .end_ns = wall_clock_ns(),
        .flows_wanted = options->json ? 0 : REPORT_FLOWS_SHOWN,
    };

    for (unsigned i = 0; i < options->workers; i++) {
        struct source_statistics part;

        trackers[i] = &capture->workers[i].tracker;
        capture->ops->statistics(capture->state, i, &part);
        statistics_add(&report.statistics, &part);
    }
    if (report_prepare(&report, trackers, options->workers) < 0) {
        fprintf(stderr, "gapwatch: cannot make the report: %s\n", strerror(ENOMEM));
        return EXIT_FAILED;
    }
    if (options->json)
        report_write_json(&report, stdout);
    else
        report_write_live(&report, stdout);
    report_release(&report);
    return EXIT_DONE;
}

/* Counts what is still on its way. Returns what the workers ended with. */
static enum exit_code finish(struct capture *capture)
{
    enum exit_code code = EXIT_DONE;

    for (unsigned i = 0; i < capture->options->workers; i++)
        worker_stop(&capture->workers[i]);
    capture->ops->stop(capture->state);
    workers_drain(capture->workers, (unsigned)capture->options->workers);
    for (unsigned i = 0; i < capture->options->workers; i++) {
        const struct worker *worker = &capture->workers[i];

        if (worker->status == SOURCE_FAILED)
            code = complain(&worker->error, EXIT_FAILED);
        if (worker->tracker.untracked) {
            fprintf(stderr, "gapwatch: no memory to track %" PRIu64 " frames\n",
                    worker->tracker.untracked);
            code = EXIT_FAILED;
        }
    }
    return code;
}

/* Starts the workers. Returns 0, or -1 with ERROR set and none running. */
static int start(struct capture *capture, struct error *error)
{
    capture->progress = (struct progress_line){
        .interface = capture->interface,
        .workers = capture->workers,
        .count = (unsigned)capture->options->workers,
    };
    for (unsigned i = 0; i < capture->options->workers; i++) {
        int reason = worker_start(&capture->workers[i]);

        if (!reason)
            continue;
        while (i > 0)
            worker_stop(&capture->workers[--i]);
        return error_set(error, "cannot start a worker: %s", strerror(reason));
    }
    return 0;
}

/*
 * Gives up what is not needed any more, before there are threads: the kernel takes privileges from
 * one at a time. Who writes a database into somebody else's folder needs to go on being able to.
 */
static int drop_privileges(const struct capture *capture, struct error *error)
{
    const char *user = capture->options->user;
    unsigned keep = method_kept_privileges(capture->method, (unsigned)capture->options->workers);

    if (capture->database && !user && !store_folder_is_ours(capture->database))
        keep |= PRIVILEGE_FILES;
    return privileges_drop(keep, user, error);
}

static int open_store(struct capture *capture, struct error *error)
{
    const struct options *options = capture->options;
    struct store_options store_options = {
        .path = capture->database,
        .source = capture->interface,
        .method = capture->ops->name,
        .window = (uint32_t)options->window,
        .shards = (unsigned)options->workers,
        .flush_seconds = options->flush_interval,
        .retain_days = options->retain,
        .max_bytes = options->max_db_size,
        .tell = error_print,
    };

    if (!capture->database)
        return 0;
    capture->store = store_open(&store_options, error);
    return capture->store ? 0 : -1;
}

static int make_workers(struct capture *capture, struct error *error)
{
    const struct options *options = capture->options;
    uint64_t max_flows = options->max_flows / options->workers;
    struct worker_settings settings = {
        .ops = capture->ops,
        .state = capture->state,
        .store = capture->store,
        .window = (uint32_t)options->window,
        .max_flows = max_flows ? (uint32_t)max_flows : 1,
        .idle_ns = options->idle_timeout_s * NS_PER_SECOND,
    };

    capture->workers = calloc(options->workers, sizeof(*capture->workers));
    for (unsigned i = 0; capture->workers && i < options->workers; i++)
        if (worker_init(&capture->workers[i], &settings, i) < 0)
            return error_set(error, "no memory for --max-flows %" PRIu64, options->max_flows);
    return capture->workers ? 0 : error_set(error, "no memory for the workers");
}

/* Until it is told to stop. */
static enum exit_code run(struct capture *capture)
{
    enum exit_code code, reported;
    struct error error;

    progress_line_begin(&capture->progress, monotonic_ns(), capture->options->quiet);
    say_watching(capture);
    watch(capture);
    code = finish(capture);
    reported = write_report(capture, (double)(monotonic_ns() - capture->progress.started_ns) /
                                         (double)NS_PER_SECOND);
    if (reported > code)
        code = reported;
    if (capture->store && store_close(capture->store, &error) < 0)
        code = complain(&error, EXIT_FAILED);
    capture->store = NULL;
    return code;
}

/* The source is open. */
static enum exit_code run_on_source(struct capture *capture)
{
    enum exit_code code = EXIT_FAILED;
    struct error error, ignored;

    if (drop_privileges(capture, &error) < 0 || open_store(capture, &error) < 0 ||
        make_workers(capture, &error) < 0 || start(capture, &error) < 0) {
        error_print(&error);
        if (capture->store)
            store_close(capture->store, &ignored);
    } else {
        code = run(capture);
    }
    for (unsigned i = 0; capture->workers && i < capture->options->workers; i++)
        worker_release(&capture->workers[i]);
    free(capture->workers);
    return code;
}

enum exit_code capture(const struct options *options)
{
    struct capture capture = {
        .options = options,
        .interface = options->interfaces[0],
        .database = options->db,
        .method = (enum method)options->method,
    };
    enum exit_code code;
    struct error error;

    if (options->interface_count > 1) {
        error_set(&error, "one process captures one interface so far");
        return complain(&error, EXIT_FAILED);
    }
    interrupt_catch(INTERRUPT_ALL);
    signal(SIGHUP, SIG_IGN); /* a sensor outlives the terminal that started it */
    say_other_sensor(&capture);
    code = open_by_method(&capture, &error);
    if (code != EXIT_DONE)
        return complain(&error, code);
    code = run_on_source(&capture);
    capture.ops->close(capture.state);
    return code;
}
