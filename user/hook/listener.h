/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A command of the user's that reads lines from its standard input. */
#ifndef GAPWATCH_HOOK_LISTENER_H
#define GAPWATCH_HOOK_LISTENER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct listener {
    const char *command; /* for sh -c; not owned */
    pid_t process;       /* 0: it does not run */
    int input;           /* the end of the pipe that is written; valid while it runs */
    uint64_t started_ns; /* on the monotonic clock; 0: never */
    uint64_t dropped;    /* lines that it did not take */
    uint64_t said;       /* of these, those that were reported */
};

/* Sets LISTENER to COMMAND, which must outlive it. The first line starts the command. */
void listener_init(struct listener *listener, const char *command);

/* Passes LINE, LENGTH octets that end with a newline, to the command, whole or not at all. Never
 * waits: a line that finds no room, or comes when the command has ended and was started less than a
 * second ago, is dropped and counted. */
void listener_tell(struct listener *listener, const char *line, size_t length);

/* Prints on standard error how many lines LISTENER dropped since the last call, if any were. */
void listener_say_dropped(struct listener *listener);

/* Closes the standard input of LISTENER's command and waits some seconds for its end. */
void listener_end(struct listener *listener);

#endif
