/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hangup.h"
#include "base/interrupt.h"
#include "base/monotonic.h"
#include "command/lifesign.h"
#include "command/progress_line.h"
#include "command/results.h"
#include "command/shipper.h"
#include "command/watched.h"
#include "hook/hook.h"
#include "linux/privileges.h"
#include "report/report.h"
#include "session/group.h"
#include "store/database/kind.h"

#define LOOK_EVERY_NS 100000000
#define BYTES_PER_MB  (1024 * 1024)

struct capture {
    const struct options *options;
    struct results results;
    struct shipper shipper;
    struct group group;
    struct progress_line lines[SESSIONS_MAX]; /* one for each session of the group */
    struct lifesign lifesign;
    struct hook hook;
    struct session_options session_options;
    struct watched watched;
};

_Static_assert(INTERFACES_MAX <= SESSIONS_MAX, "each may have a session");

/* Whether the interfaces are captured separately. */
static int has_several(const struct options *options)
{
    return options->interface_count > 1 && !options->merge;
}

static struct session_options session_options_of(const struct capture *capture)
{
    const struct options *options = capture->options;

    return (struct session_options){
        .method = (enum method)options->method,
        .filter = options->filter,
        .tunnels = options->tunnels,
        .esp_ports = options->esp_ports,
        .protocols = options->protocols,
        .keeps_sas = options->json || options->sas,
        .max_frames = options->max_packets,
        .direction = (enum direction)options->direction,
        .timestamp = (enum timestamp_choice)options->timestamp,
        .user = options->user,
        .workers = (unsigned)options->workers,
        .buffer_bytes = (size_t)options->buffer_mb * BYTES_PER_MB,
        .window = (uint32_t)options->window,
        .max_flows = options->max_flows,
        .idle_ns = options->idle_timeout_s * NS_PER_SECOND,
        .sink = capture->results.sink,
        .siblings = options->merge ? 1 : options->interface_count,
        .is_quiet = options->quiet,
    };
}

/* --- while it runs --- */

/* Prints on standard error what is watched, and how. */
static void say_watching(const struct session *session)
{
    const char *name = method_name(session->method);
    char words[256];
    struct text text = text_over(words, sizeof(words));

    if (session->source->describe)
        session->source->describe(session->state, &text);
    fprintf(stderr, "gapwatch: watching %s with %s%s%s%s\n", session->name, name,
            text.length ? " (" : "", words, text.length ? ")" : "");
}

/* Begins the lines of the sessions from number FIRST on. */
static void begin_lines(struct capture *capture, size_t first)
{
    const struct group *group = &capture->group;
    int is_quiet = capture->options->quiet;

    for (size_t i = first; i < group->count; i++) {
        struct session *session = &group->sessions[i];

        if (session->stage != SESSION_RUNS)
            continue;
        progress_line_begin(&capture->lines[i], session, &capture->hook,
                            first || has_several(capture->options), is_quiet);
        hook_tell_state(&capture->hook, session->name, "watching");
        if (!is_quiet)
            say_watching(session);
    }
}

/* Does what SIGHUP asks for. */
static void reload(struct capture *capture)
{
    size_t before = capture->group.count;

    if (watched_reload(&capture->watched))
        begin_lines(capture, before);
    lifesign_begin(&capture->lifesign, &capture->group);
}

/* Watches until the program is told to stop, or all sessions have ended. */
static void watch(struct capture *capture)
{
    struct timespec look = {.tv_nsec = LOOK_EVERY_NS};
    const struct group *group = &capture->group;

    while (!interrupted() && group_goes_on(&capture->group)) {
        nanosleep(&look, NULL);
        for (size_t i = 0; i < group->count; i++)
            if (group->sessions[i].stage == SESSION_RUNS)
                progress_line_update(&capture->lines[i], monotonic_ns());
        shipper_tend(&capture->shipper);
        lifesign_update(&capture->lifesign, &capture->group, monotonic_ns());
        hook_update(&capture->hook, monotonic_ns());
        if (hangup_came())
            reload(capture);
    }
}

/* --- the end --- */

/* Makes the report of SESSION, which has ended. Returns 0, or -1: no memory. */
static int make_report(struct report *report, struct session *session,
                       const struct options *options)
{
    struct tracker *trackers[WORKERS_MAX];
    size_t count = session_trackers(session, trackers);

    *report = (struct report){
        .method = method_name(session->method),
        .targets = &session->name,
        .target_count = 1,
        .statistics = session_statistics(session),
        .seconds = session_seconds(session),
        .end_ns = session->end_utc_ns,
        .shows_sas = options->sas,
        .shows_peers = options->peers,
        .flows_wanted = options->json ? 0 : REPORT_FLOWS_SHOWN,
    };
    return report_prepare(report, trackers, count);
}

/* With a single interface the JSON is one object; with several it is a list, even if only one was
 * opened, or if others came later. */
static void write_reports(const struct options *options, const struct report *reports, size_t count)
{
    if (!options->json)
        report_write_live(reports, count, stdout);
    else if (has_several(options) || count > 1)
        report_write_json_list(reports, count, stdout);
    else
        report_write_json(reports, stdout);
}

static enum exit_code report(const struct capture *capture)
{
    const struct group *group = &capture->group;
    struct report *reports = calloc(group->count, sizeof(*reports));
    enum exit_code code = EXIT_DONE;
    size_t count = 0;

    for (size_t i = 0; reports && i < group->count; i++) {
        struct session *session = &group->sessions[i];
        if (session->stage != SESSION_ENDED)
            continue;
        if (make_report(&reports[count], session, capture->options) == 0)
            count++;
        else
            code = EXIT_FAILED;
    }
    if (!reports || code != EXIT_DONE)
        fprintf(stderr, "gapwatch: cannot make the report: %s\n", strerror(ENOMEM));
    if (count)
        write_reports(capture->options, reports, count);
    for (size_t i = 0; i < count; i++)
        report_release(&reports[i]);
    free(reports);
    return reports ? code : EXIT_FAILED;
}

/* Tells that the sessions have ended, and what their sinks wrote last. */
static void end_hook(struct capture *capture)
{
    for (size_t i = 0; i < capture->group.count; i++)
        if (capture->group.sessions[i].stage == SESSION_ENDED)
            hook_tell_state(&capture->hook, capture->group.sessions[i].name, "ended");
    hook_end(&capture->hook);
}

static enum exit_code run(struct capture *capture)
{
    enum exit_code code, settled;

    begin_lines(capture, 0);
    shipper_start(&capture->shipper, capture->options);
    lifesign_begin(&capture->lifesign, &capture->group);
    watch(capture);
    lifesign_end();
    group_end(&capture->group);
    code = report(capture);
    settled = group_settle(&capture->group);
    shipper_stop(&capture->shipper);
    end_hook(capture);
    return settled > code ? settled : code;
}

/* Drops the privileges that are not needed any more. This must happen before there are threads,
 * because the kernel drops the privileges of one thread at a time. */
static int drop_privileges(const struct capture *capture, struct error *error)
{
    const char *user = capture->options->user;
    unsigned keep = group_kept_privileges(&capture->group);

    if (watched_may_change(capture->options))
        keep |= group_opening_privileges(&capture->group);
    if (!user)
        keep |= results_privileges(&capture->results);
    return privileges_drop(keep, user, error);
}

static enum exit_code start_and_run(struct capture *capture)
{
    enum exit_code code;
    struct error error;

    if (drop_privileges(capture, &error) < 0)
        return complain(&error, EXIT_FAILED);
    hook_begin(&capture->hook, capture->options->on_event, capture->options->db);
    hangup_hold();
    code = group_start(&capture->group);
    hangup_let_go();
    return code == EXIT_DONE ? run(capture) : code;
}

/* Some options need a database. Returns 0, or -1 with ERROR set. */
static int check_database(const struct options *options, struct error *error)
{
    if (options->on_event && !options->db)
        return error_set(error, "--on-event takes events from a database: --db is missing");
    return shipper_check(options, error);
}

enum exit_code capture(const struct options *options)
{
    struct capture capture = {.options = options};
    size_t count = options->interface_count;
    enum exit_code code;
    struct error error;

    if (check_database(options, &error) < 0)
        return complain(&error, EXIT_USAGE);
    if (options->db && database_is_none_at(options->db)) { /* before a method is chosen */
        error_set(&error, "%s: file is not a database", options->db);
        return complain(&error, EXIT_FAILED);
    }
    interrupt_catch(INTERRUPT_ALL);
    hangup_catch(); /* a sensor goes on when its terminal is closed */
    results_choose(&capture.results, options, options->db, has_several(options) ? count : 1);
    capture.session_options = session_options_of(&capture);
    capture.watched = (struct watched){
        .options = options,
        .settings = &capture.session_options,
        .group = &capture.group,
    };
    code = group_open(&capture.group, &capture.session_options, options->interfaces, count,
                      options->merge);
    if (code == EXIT_DONE)
        code = start_and_run(&capture);
    group_close(&capture.group);
    return code;
}
