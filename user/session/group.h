/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The sessions of one process. A session that cannot be opened or that ends early does not affect
 * the others. Every problem of a session is printed on standard error. */
#ifndef GAPWATCH_SESSION_GROUP_H
#define GAPWATCH_SESSION_GROUP_H

#include "session/session.h"

#define SESSIONS_MAX TARGETS_MAX

struct group {
    struct session
        *sessions; /* those that were opened, of SESSIONS_MAX; some may be closed already */
    size_t count;
};

/*
 * Opens a session for each of the COUNT INTERFACES (at most SESSIONS_MAX), or one session for all
 * of them if IS_MERGED. OPTIONS apply to all sessions, which share its max_flows; its interfaces
 * are not used. GROUP and INTERFACES must not be moved afterwards. Returns EXIT_DONE when at least
 * one session is open; else the exit status of the program.
 */
enum exit_code group_open(struct group *group, const struct session_options *options,
                          const char *const *interfaces, size_t count, int is_merged);

/* The privileges (enum privilege) that the sessions of GROUP need while they run. */
unsigned group_kept_privileges(const struct group *group);

/* The privileges (enum privilege) with which the sessions of GROUP were opened, and further ones
 * can be. */
unsigned group_opening_privileges(const struct group *group);

/* Starts the sessions, and closes those that cannot be started. Returns EXIT_DONE when at least one
 * runs, else EXIT_FAILED. */
enum exit_code group_start(struct group *group);

/* Opens and starts one more session with OPTIONS, which are those of group_open() with one
 * interface. There must be room for it. Returns EXIT_DONE, or the exit status; the problem is
 * printed then. */
enum exit_code group_add(struct group *group, const struct session_options *options);

/* Ends the sessions of GROUP that will get no more frames. Returns whether others go on. */
int group_goes_on(struct group *group);

/* Ends all running sessions of GROUP, at the same time. */
void group_end(struct group *group);

/* Called after group_end(): waits until the sinks have kept everything. Returns EXIT_DONE, or
 * EXIT_FAILED when a session had a problem since its start. */
enum exit_code group_settle(struct group *group);

/* Closes all sessions and frees GROUP, which may be all zeros. */
void group_close(struct group *group);

#endif
