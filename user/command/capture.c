/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/capture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/interrupt.h"
#include "base/monotonic.h"
#include "command/progress_line.h"
#include "command/results.h"
#include "linux/privileges.h"
#include "report/report.h"
#include "session/session.h"

#define LOOK_EVERY_NS 100000000
#define BYTES_PER_MB  (1024 * 1024)

struct capture {
    const struct options *options;
    struct results results;
    struct session session;
    struct progress_line progress;
};

static struct session_options session_options_of(const struct capture *capture)
{
    const struct options *options = capture->options;

    return (struct session_options){
        .interface = options->interfaces[0],
        .method = (enum method)options->method,
        .filter = options->filter,
        .protocols = options->protocols,
        .max_frames = options->max_packets,
        .direction = (enum direction)options->direction,
        .timestamp = (enum timestamp_choice)options->timestamp,
        .user = options->user,
        .workers = (unsigned)options->workers,
        .buffer_bytes = options->buffer_mb * BYTES_PER_MB,
        .window = (uint32_t)options->window,
        .max_flows = options->max_flows,
        .idle_ns = options->idle_timeout_s * NS_PER_SECOND,
        .sink = capture->results.sink,
        .is_quiet = options->quiet,
    };
}

/* --- while it runs --- */

/* Says on standard error what is watched, and how. */
static void say_watching(const struct session *session)
{
    const char *name = session->source->name;
    char words[256];
    struct text text = text_over(words, sizeof(words));

    if (session->source->describe)
        session->source->describe(session->state, &text);
    fprintf(stderr, "gapwatch: watching %s with %s%s%s%s\n", session->options.interface, name,
            text.length ? " (" : "", words, text.length ? ")" : "");
}

static void watch(struct capture *capture)
{
    struct timespec look = {.tv_nsec = LOOK_EVERY_NS};

    while (!interrupted() && !session_has_ended(&capture->session)) {
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

static enum exit_code write_report(struct capture *capture)
{
    struct session *session = &capture->session;
    struct tracker *trackers[WORKERS_MAX];
    size_t count = session_trackers(session, trackers);
    struct report report = {
        .method = session->source->name,
        .targets = (char *const *)&session->options.interface,
        .target_count = 1,
        .statistics = session_statistics(session),
        .seconds = session_seconds(session),
        .end_ns = wall_clock_ns(),
        .flows_wanted = capture->options->json ? 0 : REPORT_FLOWS_SHOWN,
    };

    if (report_prepare(&report, trackers, count) < 0) {
        fprintf(stderr, "gapwatch: cannot make the report: %s\n", strerror(ENOMEM));
        return EXIT_FAILED;
    }
    if (capture->options->json)
        report_write_json(&report, stdout);
    else
        report_write_live(&report, stdout);
    report_release(&report);
    return EXIT_DONE;
}

/* The session has started: until it is told to stop. */
static enum exit_code run(struct capture *capture)
{
    enum exit_code code, reported;
    struct error error;

    progress_line_begin(&capture->progress, &capture->session, capture->options->quiet);
    if (!capture->options->quiet)
        say_watching(&capture->session);
    watch(capture);
    code = session_end(&capture->session);
    reported = write_report(capture);
    if (reported > code)
        code = reported;
    if (session_settle(&capture->session, &error) < 0)
        code = complain(&error, EXIT_FAILED);
    return code;
}

/* Gives up what is not needed any more, before there are threads: the kernel takes privileges from
 * one at a time. */
static int drop_privileges(const struct capture *capture, struct error *error)
{
    const char *user = capture->options->user;
    unsigned keep = session_kept_privileges(&capture->session);

    if (!user)
        keep |= results_privileges(&capture->results);
    return privileges_drop(keep, user, error);
}

enum exit_code capture(const struct options *options)
{
    struct capture capture = {.options = options};
    struct session_options session_options;
    enum exit_code code;
    struct error error;

    if (options->interface_count > 1) {
        error_set(&error, "one process captures one interface so far");
        return complain(&error, EXIT_FAILED);
    }
    interrupt_catch(INTERRUPT_ALL);
    signal(SIGHUP, SIG_IGN); /* a sensor outlives the terminal that started it */
    results_choose(&capture.results, options, options->db);
    session_options = session_options_of(&capture);
    code = session_open(&capture.session, &session_options, &error);
    if (code != EXIT_DONE)
        return complain(&error, code);
    if (drop_privileges(&capture, &error) < 0 || session_start(&capture.session, &error) < 0)
        code = complain(&error, EXIT_FAILED);
    else
        code = run(&capture);
    session_close(&capture.session);
    return code;
}
