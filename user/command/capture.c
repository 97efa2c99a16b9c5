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
#include "base/privileges.h"
#include "interface/interface.h"
#include "interface/method.h"
#include "live/presence.h"
#include "live/worker.h"
#include "report/report.h"
#include "source/source.h"

#define LOOK_EVERY_NS      50000000
#define TERMINAL_EVERY_NS  NS_PER_SECOND
#define OTHERWISE_EVERY_NS (10 * NS_PER_SECOND)
#define BYTES_PER_MB       (1024 * 1024)

struct capture {
    const struct options *options;
    const char *interface;
    const char *database; /* NULL: none */
    enum method method;   /* METHOD_NONE: to be chosen */
    const struct source_ops *ops;
    void *state;
    struct worker *workers; /* options->workers of them */
    uint64_t started_ns;    /* monotonic */
    uint64_t shown_ns;      /* when the last progress line was */
    uint64_t shown_frames;
};

/* NULL: not in this build. */
static const struct source_ops *const sources[METHOD_COUNT] = {
#if defined(GAPWATCH_BPF)
    [METHOD_XDP] = &xdp_source,
    [METHOD_TC] = &tc_source,
#endif
#if defined(__linux__)
    [METHOD_AF_PACKET] = &af_packet_source,
#endif
    [METHOD_PCAP] = &pcap_source,
};

static enum exit_code complain(const struct error *error, enum exit_code code)
{
    error_print(error);
    return code;
}

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
    if (count > 1)
        capture->database = words[1];
    return 0;
}

/* `auto`: says what was chosen, and why. */
static int choose(struct capture *capture, const struct method_circumstances *circumstances,
                  struct error *error)
{
    const struct interface_facts *interface;
    struct interface_list list;
    char reason[METHOD_REASON_CHARS];

    if (interface_list_read(&list, error) < 0)
        return -1;
    interface = interface_list_find(&list, capture->interface);
    if (interface)
        capture->method = choose_method(interface, circumstances, reason);
    else
        snprintf(reason, sizeof(reason), "there is no such interface");
    interface_list_release(&list);
    if (capture->method == METHOD_NONE)
        return error_set(error, "%s: %s", capture->interface, reason);
    if (!capture->options->quiet)
        fprintf(stderr, "gapwatch: auto chose %s: %s\n", method_name(capture->method), reason);
    return 0;
}

/* Sets the method and its source, or says what stands against it. */
static enum exit_code set_method(struct capture *capture, struct error *error)
{
    struct method_circumstances circumstances = method_circumstances_here();
    char reason[METHOD_REASON_CHARS];
    const char *missing;

    circumstances.direction = (enum direction)capture->options->direction;
    circumstances.timestamp = (enum timestamp_choice)capture->options->timestamp;
    circumstances.has_filter = capture->options->filter != NULL;
    if (capture->method == METHOD_NONE && choose(capture, &circumstances, error) < 0)
        return EXIT_FAILED;
    missing = privileges_missing(method_privileges(capture->method), circumstances.privileges);
    if (missing) {
        error_set(error, "the method %s needs %s", method_name(capture->method), missing);
        return EXIT_FAILED;
    }
    if (method_unavailable(capture->method, &circumstances, reason)) {
        error_set(error, "the method %s cannot be used: %s", method_name(capture->method), reason);
        return EXIT_USAGE;
    }
    capture->ops = sources[capture->method];
    return EXIT_DONE;
}

static enum exit_code open_source(struct capture *capture)
{
    const struct options *options = capture->options;
    struct source_options source_options = {
        .target = capture->interface,
        .filter = options->filter,
        .direction = (enum direction)options->direction,
        .timestamp = (enum timestamp_choice)options->timestamp,
        .workers = (unsigned)options->workers,
        .buffer_bytes = options->buffer_mb * BYTES_PER_MB,
    };
    struct error error;

    switch (capture->ops->open(&capture->state, &source_options, &error)) {
    case OPEN_DONE:
        return EXIT_DONE;
    case OPEN_FAILED:
        return complain(&error, EXIT_FAILED);
    case OPEN_BAD_FILTER:
        return complain(&error, EXIT_USAGE);
    }
    return EXIT_FAILED;
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
static void say_other_sensor(const struct capture *capture)
{
    pid_t other = presence_claim(capture->interface);

    if (other > 0)
        fprintf(stderr, "gapwatch: another gapwatch (process %d) watches %s already\n", (int)other,
                capture->interface);
    else if (other < 0)
        fprintf(stderr, "gapwatch: another gapwatch watches %s already\n", capture->interface);
}

/* --- while it runs --- */

struct totals {
    uint64_t frames;
    uint64_t drops;
    uint64_t gaps;
    uint64_t flows;
};

static struct totals add_progress(const struct capture *capture)
{
    struct totals totals = {0};

    for (unsigned i = 0; i < capture->options->workers; i++) {
        const struct worker_progress *progress = &capture->workers[i].progress;

        totals.frames += atomic_load_explicit(&progress->frames, memory_order_relaxed);
        totals.drops += atomic_load_explicit(&progress->drops, memory_order_relaxed);
        totals.gaps += atomic_load_explicit(&progress->gaps, memory_order_relaxed);
        totals.flows += atomic_load_explicit(&progress->flows, memory_order_relaxed);
    }
    return totals;
}

static void show_progress(struct capture *capture, uint64_t now_ns)
{
    struct totals totals = add_progress(capture);
    double since_start = (double)(now_ns - capture->started_ns) / (double)NS_PER_SECOND;
    double since_last = (double)(now_ns - capture->shown_ns) / (double)NS_PER_SECOND;

    fprintf(stderr,
            "[%.1fs] Packets: %" PRIu64 ", Gaps: %" PRIu64 ", Flows: %" PRIu64 ", Rate: %.0f pps",
            since_start, totals.frames, totals.gaps, totals.flows,
            (double)(totals.frames - capture->shown_frames) / since_last);
    if (totals.drops)
        fprintf(stderr, ", Dropped: %" PRIu64, totals.drops);
    fputc('\n', stderr);
    capture->shown_ns = now_ns;
    capture->shown_frames = totals.frames;
}

static void say_events(struct capture *capture)
{
    static const char *const words[] = {
        [INTERFACE_WENT_DOWN] = "is down; still watching",
        [INTERFACE_CAME_UP] = "is up again",
        [INTERFACE_WENT_AWAY] = "has gone away; waiting for it to come back",
        [INTERFACE_CAME_BACK] = "has come back and is watched again",
    };

    for (unsigned i = 0; i < capture->options->workers; i++) {
        int event = atomic_exchange(&capture->workers[i].progress.event, INTERFACE_SAME);

        if (event != INTERFACE_SAME)
            fprintf(stderr, "gapwatch: %s %s\n", capture->interface, words[event]);
    }
}

static int any_worker_has_ended(const struct capture *capture)
{
    for (unsigned i = 0; i < capture->options->workers; i++)
        if (atomic_load(&capture->workers[i].progress.has_ended))
            return 1;
    return 0;
}

static void watch(struct capture *capture)
{
    uint64_t every_ns = isatty(STDERR_FILENO) ? TERMINAL_EVERY_NS : OTHERWISE_EVERY_NS;
    struct timespec look = {.tv_nsec = LOOK_EVERY_NS};

    capture->started_ns = capture->shown_ns = monotonic_ns();
    while (!interrupted() && !any_worker_has_ended(capture)) {
        uint64_t now_ns;

        nanosleep(&look, NULL);
        say_events(capture);
        now_ns = monotonic_ns();
        if (!capture->options->quiet && now_ns - capture->shown_ns >= every_ns)
            show_progress(capture, now_ns);
    }
}

/* --- the end --- */

static enum exit_code write_report(struct capture *capture, double seconds)
{
    const struct options *options = capture->options;
    struct tracker *trackers[WORKERS_MAX];
    struct report report = {
        .method = capture->ops->name,
        .targets = (char *const *)&capture->interface,
        .target_count = 1,
        .seconds = seconds,
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
    for (unsigned i = 0; i < capture->options->workers; i++) {
        struct worker *worker = &capture->workers[i];

        worker_drain(worker);
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

static int make_workers(struct capture *capture, struct error *error)
{
    const struct options *options = capture->options;
    uint64_t max_flows = options->max_flows / options->workers;
    struct worker_settings settings = {
        .ops = capture->ops,
        .state = capture->state,
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

static void release_workers(struct capture *capture)
{
    for (unsigned i = 0; capture->workers && i < capture->options->workers; i++)
        worker_release(&capture->workers[i]);
    free(capture->workers);
}

/* The source is open: watches until it is told to stop. */
static enum exit_code run(struct capture *capture)
{
    enum exit_code code, reported;
    struct error error;

    /* Before there are threads: the kernel takes privileges from one at a time. */
    if (privileges_drop(method_kept_privileges(capture->method), capture->options->user, &error) <
            0 ||
        make_workers(capture, &error) < 0 || start(capture, &error) < 0) {
        release_workers(capture);
        return complain(&error, EXIT_FAILED);
    }
    say_watching(capture);
    watch(capture);
    code = finish(capture);
    reported =
        write_report(capture, (double)(monotonic_ns() - capture->started_ns) / NS_PER_SECOND);
    release_workers(capture);
    return reported > code ? reported : code;
}

enum exit_code capture(const struct options *options)
{
    struct capture capture = {.options = options};
    enum exit_code code;
    struct error error;

    if (take_operands(&capture, &error) < 0)
        return complain(&error, EXIT_USAGE);
    code = set_method(&capture, &error);
    if (code != EXIT_DONE)
        return complain(&error, code);
    interrupt_catch();
    signal(SIGHUP, SIG_IGN); /* a sensor outlives the terminal that started it */
    say_other_sensor(&capture);
    code = open_source(&capture);
    if (code != EXIT_DONE)
        return code;
    code = run(&capture);
    capture.ops->close(capture.state);
    return code;
}
