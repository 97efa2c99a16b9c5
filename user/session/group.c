/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "session/group.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/interrupt.h"

/* Raises the limit of file descriptors, because several sessions may need more than 1024. */
static void allow_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Prints ERROR, unless it equals LAST: a problem of all sessions is printed once. */
static void say_once(const struct error *error, struct error *last)
{
    if (strcmp(error->text, last->text) != 0)
        error_print(error);
    *last = *error;
}

/* Opens the sessions, or, when the program is told to stop, the first only: loading BPF programs
 * for 64 interfaces takes many seconds. Each gets as many interfaces as OPTIONS gives it. Returns
 * the worst exit status of a session. */
static enum exit_code open_sessions(struct group *group, const struct session_options *options,
                                    const char *const *interfaces)
{
    struct session_options of_one = *options;
    struct error error, last = {.text = ""};
    enum exit_code worst = EXIT_DONE;

    of_one.max_flows /= options->siblings;
    for (size_t i = 0; i < options->siblings && !(i && interrupted()); i++) {
        enum exit_code code;

        of_one.interfaces = &interfaces[i * options->interface_count];
        code = session_open(&group->sessions[group->count], &of_one, &error);
        if (code == EXIT_DONE)
            group->count++;
        else
            say_once(&error, &last);
        if (code > worst)
            worst = code;
    }
    return worst;
}

/* Whether one of the sessions is that of INTERFACE. */
static int has_session(const struct group *group, const char *interface)
{
    for (size_t i = 0; i < group->count; i++)
        if (strcmp(group->sessions[i].name, interface) == 0)
            return 1;
    return 0;
}

/* Prints INTERFACE into the line of those that are not watched though others are: the reasons,
 * printed before, may name no interface. IS_FIRST: it begins the line. */
static void name_left_out(const char *interface, int is_first)
{
    fprintf(stderr, "%s%s", is_first ? "gapwatch: not watched: " : ", ", interface);
}

/* Prints which of COUNT INTERFACES have no session though others have. */
static void say_not_opened(const struct group *group, const char *const *interfaces, size_t count)
{
    size_t named = 0;

    if (!group->count || group->count == count)
        return;
    for (size_t i = 0; i < count; i++)
        if (!has_session(group, interfaces[i]))
            name_left_out(interfaces[i], named++ == 0);
    fputc('\n', stderr);
}

/* Prints of which interfaces the sessions did not start though those of others run. */
static void say_not_started(const struct group *group)
{
    size_t named = 0;

    for (size_t i = 0; i < group->count; i++)
        if (group->sessions[i].stage == SESSION_CLOSED)
            name_left_out(group->sessions[i].options.interfaces[0], named++ == 0);
    if (named)
        fputc('\n', stderr);
}

enum exit_code group_open(struct group *group, const struct session_options *options,
                          const char *const *interfaces, size_t count, int is_merged)
{
    struct session_options shared = *options;
    enum exit_code worst;
    struct error error;

    shared.siblings = is_merged ? 1 : count;
    shared.interface_count = is_merged ? count : 1;
    *group = (struct group){.sessions = calloc(SESSIONS_MAX, sizeof(*group->sessions))};
    if (!group->sessions) {
        error_set(&error, "no memory for %zu sessions", shared.siblings);
        return complain(&error, EXIT_FAILED);
    }
    if (count > 1)
        allow_descriptors();
    worst = open_sessions(group, &shared, interfaces);
    if (!is_merged)
        say_not_opened(group, interfaces, count);
    return group->count ? EXIT_DONE : worst;
}

unsigned group_kept_privileges(const struct group *group)
{
    unsigned privileges = 0;

    for (size_t i = 0; i < group->count; i++)
        privileges |= session_kept_privileges(&group->sessions[i]);
    return privileges;
}

unsigned group_opening_privileges(const struct group *group)
{
    unsigned privileges = 0;

    for (size_t i = 0; i < group->count; i++)
        privileges |= method_privileges(group->sessions[i].method);
    return privileges;
}

enum exit_code group_start(struct group *group)
{
    struct error error, last = {.text = ""};
    enum exit_code code = EXIT_FAILED;

    for (size_t i = 0; i < group->count; i++) {
        struct session *session = &group->sessions[i];

        if (session_start(session, &error) == 0) {
            code = EXIT_DONE;
            continue;
        }
        say_once(&error, &last);
        session_close(session);
    }
    if (code == EXIT_DONE)
        say_not_started(group);
    return code;
}

enum exit_code group_add(struct group *group, const struct session_options *options)
{
    struct session *session = &group->sessions[group->count];
    struct session_options of_one = *options;
    enum exit_code code;
    struct error error;

    of_one.interface_count = 1;
    of_one.max_flows /= of_one.siblings;
    code = session_open(session, &of_one, &error);
    if (code != EXIT_DONE)
        return complain(&error, code);
    if (session_start(session, &error) < 0) {
        session_close(session);
        return complain(&error, EXIT_FAILED);
    }
    group->count++;
    return EXIT_DONE;
}

int group_goes_on(struct group *group)
{
    int goes_on = 0;

    for (size_t i = 0; i < group->count; i++) {
        struct session *session = &group->sessions[i];

        if (session->stage == SESSION_RUNS && session_is_over(session)) {
            session_end(session);
            session_settle(session);
        }
        if (session->stage == SESSION_RUNS)
            goes_on = 1;
    }
    return goes_on;
}

static void *end_session(void *session)
{
    session_end(session);
    return NULL;
}

/* Ends each session in its own thread, because in turn they would take seconds. */
void group_end(struct group *group)
{
    pthread_t threads[SESSIONS_MAX];
    int has_thread[SESSIONS_MAX] = {0};

    for (size_t i = 0; i < group->count; i++) {
        struct session *session = &group->sessions[i];

        if (session->stage != SESSION_RUNS)
            continue;
        has_thread[i] = pthread_create(&threads[i], NULL, end_session, session) == 0;
        if (!has_thread[i])
            session_end(session);
    }
    for (size_t i = 0; i < group->count; i++)
        if (has_thread[i])
            pthread_join(threads[i], NULL);
}

enum exit_code group_settle(struct group *group)
{
    enum exit_code code = EXIT_DONE;

    for (size_t i = 0; i < group->count; i++) {
        struct session *session = &group->sessions[i];

        if (session->stage == SESSION_ENDED && session_settle(session) != EXIT_DONE)
            code = EXIT_FAILED;
    }
    return code;
}

void group_close(struct group *group)
{
    for (size_t i = 0; i < group->count; i++)
        session_close(&group->sessions[i]);
    free(group->sessions);
    *group = (struct group){0};
}
