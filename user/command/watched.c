/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/watched.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hangup.h"
#include "options/config.h"
#include "options/parse.h"

int watched_may_change(const struct options *options)
{
    return options->config && !options->merge && !options_given(options, "interface");
}

/* The running session of interface NAME, or NULL. */
static struct session *session_of(const struct group *group, const char *name)
{
    for (size_t i = 0; i < group->count; i++)
        if (group->sessions[i].stage == SESSION_RUNS && strcmp(group->sessions[i].name, name) == 0)
            return &group->sessions[i];
    return NULL;
}

static int is_wanted(const struct options *wanted, const char *name)
{
    for (size_t i = 0; i < wanted->interface_count; i++)
        if (strcmp(wanted->interfaces[i], name) == 0)
            return 1;
    return 0;
}

/* Starts a session of interface NAME. Returns 0, or -1 when it cannot be watched; that is printed.
 */
static int add(struct watched *watched, const char *name)
{
    struct session_options settings = *watched->settings;
    size_t at = watched->group->count;
    enum exit_code code;

    if (at == SESSIONS_MAX) {
        fprintf(stderr, "gapwatch: at most %d interfaces since the start: restart to add more\n",
                SESSIONS_MAX);
        return -1;
    }
    snprintf(watched->names[at], sizeof(watched->names[at]), "%s", name);
    watched->added[at] = watched->names[at];
    settings.interfaces = &watched->added[at];
    hangup_hold();
    code = group_add(watched->group, &settings);
    hangup_let_go();
    return code == EXIT_DONE ? 0 : -1;
}

static size_t add_wanted(struct watched *watched, const struct options *wanted)
{
    size_t count = 0;

    for (size_t i = 0; i < wanted->interface_count; i++)
        if (!session_of(watched->group, wanted->interfaces[i]) &&
            add(watched, wanted->interfaces[i]) == 0)
            count++;
    return count;
}

static size_t remove_unwanted(struct watched *watched, const struct options *wanted)
{
    struct group *group = watched->group;
    size_t count = 0;

    for (size_t i = 0; i < group->count; i++) {
        struct session *session = &group->sessions[i];

        if (session->stage != SESSION_RUNS || is_wanted(wanted, session->name))
            continue;
        session_end(session);
        session_settle(session);
        count++;
    }
    return count;
}

/* Whether the configuration file names an interface that is watched: the sensor must not end. */
static int keeps_one(const struct watched *watched, const struct options *wanted)
{
    for (size_t i = 0; i < wanted->interface_count; i++)
        if (session_of(watched->group, wanted->interfaces[i]))
            return 1;
    return 0;
}

/* Reads the configuration file into WANTED. Returns 0, or -1; that is printed. */
static int read_again(const struct watched *watched, struct options *wanted)
{
    struct error error;

    *wanted = (struct options){.command = COMMAND_CAPTURE, .given = watched->options->given};
    if (config_apply(wanted, watched->options->config, &error) == OPTIONS_DONE)
        return 0;
    fprintf(stderr, "gapwatch: cannot reload, nothing is changed: %s\n", error.text);
    return -1;
}

static size_t apply(struct watched *watched, const struct options *wanted)
{
    size_t added = add_wanted(watched, wanted), removed = 0;

    if (keeps_one(watched, wanted))
        removed = remove_unwanted(watched, wanted);
    else
        fputs("gapwatch: none of the interfaces can be watched, so the others stay\n", stderr);
    fprintf(stderr,
            "gapwatch: reloaded: %zu interfaces added, %zu removed; other options need a restart\n",
            added, removed);
    return added;
}

size_t watched_reload(struct watched *watched)
{
    struct options *wanted;
    size_t added = 0;

    if (!watched_may_change(watched->options)) {
        fputs("gapwatch: nothing to reload: interfaces that the command line names or that are "
              "merged, and other options, need a restart\n",
              stderr);
        return 0;
    }
    wanted = malloc(sizeof(*wanted));
    if (wanted && read_again(watched, wanted) == 0)
        added = apply(watched, wanted);
    free(wanted);
    return added;
}
