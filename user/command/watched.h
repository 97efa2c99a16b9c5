/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The list of interfaces that a sensor watches, when its configuration file changes while it runs.
 */
#ifndef GAPWATCH_COMMAND_WATCHED_H
#define GAPWATCH_COMMAND_WATCHED_H

#include "options/options.h"
#include "session/group.h"

struct watched {
    const struct options *options; /* of the command line and the first reading of the file */
    const struct session_options *settings; /* of each session */
    struct group *group;
    char names[SESSIONS_MAX][INTERFACE_NAME_CHARS]; /* of interfaces that were added */
    const char *added[SESSIONS_MAX];                /* each points into NAMES */
};

/* Whether the interfaces of OPTIONS can change while the sensor runs: the configuration file names
 * them, and each has a session of its own. */
int watched_may_change(const struct options *options);

/* Reads the configuration file of WATCHED again. Watches interfaces that it names now, and ends the
 * sessions of those that it names no more. Prints one line with what was done, and what is wrong.
 * Returns how many sessions were added; they are the last ones of the group. */
size_t watched_reload(struct watched *watched);

#endif
