/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The sessions of one process: what cannot be opened, or ends early, leaves the others alone.
 * Everything that goes wrong with one of them is said on standard error.
 */
#ifndef GAPWATCH_SESSION_GROUP_H
#define GAPWATCH_SESSION_GROUP_H

#include "session/session.h"

#define SESSIONS_MAX TARGETS_MAX

struct group {
    struct session *sessions; /* those that were opened; some may be closed again */
    size_t count;
};

/*
 * Opens a session for each of the COUNT INTERFACES, at most SESSIONS_MAX; or, IS_MERGED, one for
 * all. OPTIONS are for all of them: its max_flows is shared out, and INTERFACES take the place of
 * its own. GROUP must stay where it is, and INTERFACES too. Returns EXIT_DONE: at least one is
 * open; or what the program ends with.
 */
enum exit_code group_open(struct group *group, const struct session_options *options,
                          const char *const *interfaces, size_t count, int is_merged);

/* The privileges (enum privilege) that the sessions take while they run. */
unsigned group_kept_privileges(const struct group *group);

/* Starts the sessions; those that cannot be started are closed. Returns EXIT_DONE: at least one
 * runs; or EXIT_FAILED. */
enum exit_code group_start(struct group *group);

/* Ends the sessions in which nothing will come any more. Returns whether others go on. */
int group_goes_on(struct group *group);

/* Ends the sessions that still run, all at the same time. */
void group_end(struct group *group);

/* Behind group_end(): waits until the sinks have kept everything. Returns EXIT_DONE, or
 * EXIT_FAILED: something went wrong with one of the sessions since they started. */
enum exit_code group_settle(struct group *group);

/* Frees what GROUP holds. Takes one that was not opened, but is of zeros, too. */
void group_close(struct group *group);

#endif
