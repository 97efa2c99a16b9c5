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
    const char *interface;
    const char *database; /* NULL: none */
    enum method method;   /* METHOD_NONE: to be chosen */
    struct results results;
    struct session session;
    struct progress_line progress;
};

static int is_method(const char *word)
{
    return strcmp(word, "auto") == 0 || method_named(word) != METHOD_NONE;
}

/* IFACE [DB] [METHOD]: a second word that names a method is one; ./xdp names a file. */
static int take_operands(struct capture *capture, struct error *error)
{
    char **words = capture->options->operands;
    int count = capture->options->operand_count;

    if (count < 1)
        return error_set(error, "no interface given (see gapwatch --help)");
    if (count > 3)
        return error_set(error, "too many words: '%s' (see gapwatch --help)", words[3]);
    capture->interface = words[0];
    capture->method = METHOD_NONE;
    if (count == 3 && !is_method(words[2]))
        return error_set(error, "no such method: '%s' (auto, xdp, tc, af_packet, pcap)", words[2]);
    if (count > 1 && is_method(words[count - 1]))
        capture->method = method_named(words[--count]);
    capture->database = count > 1 ? words[1] : capture->options->db;
    if (count > 1 && capture->options->db)
        return error_set(error, "the database is given twice: '%s' and --db", words[1]);
    return 0;
}

static struct session_options session_options_of(const struct capture *capture)
{
    const struct options *options = capture->options;

    return (struct session_options){
        .interface = capture->interface,
        .method = capture->method,
        .filter = options->filter,
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

    if (take_operands(&capture, &error) < 0)
        return complain(&error, EXIT_USAGE);
    interrupt_catch(INTERRUPT_ALL);
    signal(SIGHUP, SIG_IGN); /* a sensor outlives the terminal that started it */
    results_choose(&capture.results, options, capture.database);
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
