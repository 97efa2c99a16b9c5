/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Opens a session: chooses the method and opens its source. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "interface/choice.h"
#include "session/interface_claim.h"
#include "session/session.h"
#include "source/interleave.h"

/* Joins the names of the interfaces with commas. The caller frees the result. Returns NULL: no
 * memory. */
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

/* The size of each ring: as the user asked, or a share of the default for all rings. */
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
        .tunnels = options->tunnels,
        .esp_ports = options->esp_ports,
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

/* Returns 0, or -1 with ERROR set and nothing made. */
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
        .keeps_sas = options->keeps_sas,
        .max_flows = max_flows ? (uint32_t)max_flows : 1,
        .idle_ns = options->idle_ns,
    };

    session->workers = workers_make(&settings, options->workers);
    if (session->workers)
        return 0;
    return error_set(error, "no memory for --workers %u with --max-flows %" PRIu64,
                     options->workers, options->max_flows);
}

/* Opens the source and makes its workers. Sets ERROR unless it returns EXIT_DONE. */
static enum exit_code try_method(struct session *session, int is_second, struct error *error)
{
    enum exit_code code = open_source(session, is_second, error);

    if (code == EXIT_DONE && make_workers(session, error) < 0) {
        session->source->close(session->state);
        session->state = NULL;
        code = EXIT_FAILED;
    }
    return code;
}

/* Prints why the method that `auto` chose does not work, and notes it, so that another is
 * chosen. */
static void pass_over(struct session *session, struct method_circumstances *circumstances,
                      struct error *error)
{
    struct error why = *error;

    snprintf(circumstances->refused[session->method], METHOD_REASON_CHARS, "%.*s",
             METHOD_REASON_CHARS - 1, error->text);
    error_set(error, "auto passes over %s for %s: %s", method_name(session->method), session->name,
              why.text);
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
    circumstances.workers = options->workers;
    return circumstances;
}

/* Chooses the method. For several interfaces, it is the best one that works for all of them: the
 * methods are ordered, and each works wherever a better one does. Sets ERROR unless it returns
 * EXIT_DONE. */
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

/* Opens the source of the given method, or of the first that works. Sets ERROR unless it returns
 * EXIT_DONE. */
static enum exit_code open_by_method(struct session *session, int is_second, struct error *error)
{
    struct method_circumstances circumstances = circumstances_of(&session->options);
    int is_auto = session->method == METHOD_NONE;
    enum exit_code code;

    for (;;) {
        code = settle_method(session, &circumstances, error);
        if (code != EXIT_DONE)
            return code;
        code = try_method(session, is_second, error);
        if (code != EXIT_FAILED || !is_auto)
            return code;
        pass_over(session, &circumstances, error);
    }
}

/* Claims INTERFACE. Prints a line and returns 1 when another gapwatch watches it. Both count the
 * same frames, but only the first has its maps pinned. */
static int say_other_sensor(const char *interface)
{
    pid_t other = interface_claim(interface);

    if (other == getpid())
        return 0; /* it watched the interface before */
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
