/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Reports to a command of the user's, as JSON objects, one on each line: gaps and events as they
 * come into the database, with the names of its columns, and changes of interfaces. It reads the
 * database's file like any other program, so it never holds up what captures and writes.
 *
 *     hook_begin(&hook, "command", "store.db");   // before the capture's row is in the database
 *     while (...)
 *         hook_update(&hook, monotonic_ns());
 *     hook_end(&hook);                            // when the store is closed
 */
#ifndef GAPWATCH_HOOK_HOOK_H
#define GAPWATCH_HOOK_HOOK_H

#include <stdint.h>
#include <sys/stat.h>

#include "hook/listener.h"

struct sqlite3;

/* A table of the database that is followed. */
struct hook_table {
    int64_t last_id; /* of the last row that was reported */
};

#define HOOK_TABLES 2

struct hook {
    struct listener listener;
    const char *path;         /* of the database; NULL: there is no hook. Not owned */
    struct sqlite3 *database; /* NULL: not open */
    struct stat file;         /* the open file, to notice that another took its place */
    int64_t capture;          /* captures of this process have greater ids */
    struct hook_table tables[HOOK_TABLES];
    uint64_t looked_ns; /* on the monotonic clock */
};

/* Starts to report to COMMAND on captures that are added to the database at PATH from now on. Both
 * must outlive HOOK. If COMMAND is NULL, HOOK does nothing. */
void hook_begin(struct hook *hook, const char *command, const char *path);

/* Reports at once that INTERFACE is in the state WORD. */
void hook_tell_state(struct hook *hook, const char *interface, const char *word);

/* Reports new rows of the database, once a second. NOW_NS is on the monotonic clock. */
void hook_update(struct hook *hook, uint64_t now_ns);

/* Reports the remaining rows, and ends the command of HOOK. */
void hook_end(struct hook *hook);

#endif
