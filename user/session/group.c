/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "session/group.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Rings together, where their size is not given, and each of them. */
#define RINGS_BYTES_MAX (256u << 20)
#define RING_BYTES      (32u << 20)

/* What several sessions have open may be more than the usual limit of 1024 descriptors. */
static void allow_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* The part of each of COUNT sessions in what OPTIONS say for all. */
static struct session_options share_of(const struct session_options *options, size_t count)
{
    struct session_options share = *options;

    share.max_flows /= count;
    if (!share.buffer_bytes)
        share.buffer_bytes =
            RINGS_BYTES_MAX / count < RING_BYTES ? RINGS_BYTES_MAX / count : RING_BYTES;
    return share;
}

/* Says ERROR, unless the one before, in LAST, was the same: what is wrong for all is said once. */
static void say_once(const struct error *error, struct error *last)
{
    if (strcmp(error->text, last->text) != 0)
        error_print(error);
    *last = *error;
}

enum exit_code group_open(struct group *group, const struct session_options *options,
                          const char *const *interfaces, size_t count)
{
    struct session_options share = share_of(options, count);
    enum exit_code worst = EXIT_DONE;
    struct error error, last = {.text = ""};

    *group = (struct group){.sessions = calloc(count, sizeof(*group->sessions))};
    if (!group->sessions) {
        error_set(&error, "no memory for %zu sessions", count);
        return complain(&error, EXIT_FAILED);
    }
    if (count > 1)
        allow_descriptors();
    for (size_t i = 0; i < count; i++) {
        enum exit_code code;

        share.interface = interfaces[i];
        code = session_open(&group->sessions[group->count], &share, &error);
        if (code == EXIT_DONE)
            group->count++;
        else
            say_once(&error, &last);
        if (code > worst)
            worst = code;
    }
    return group->count ? EXIT_DONE : worst;
}

unsigned group_kept_privileges(const struct group *group)
{
    unsigned privileges = 0;

    for (size_t i = 0; i < group->count; i++)
        privileges |= session_kept_privileges(&group->sessions[i]);
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
    return code;
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

/* Each in a thread of its own: one after the other they would take seconds. */
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
