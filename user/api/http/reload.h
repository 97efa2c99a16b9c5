/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * SIGHUP: the parent of the workers reads the token, the certificate and its key again, and gives
 * them to the workers. Kore would load the module again instead, which the workers' sandbox does
 * not allow.
 */
#ifndef GAPWATCH_API_HTTP_RELOAD_H
#define GAPWATCH_API_HTTP_RELOAD_H

/* Called in the parent, while it has all its rights: reads the files that the settings name for the
 * first time, and listens to SIGHUP from now on. Ends the program when they cannot be read. */
void reload_begin_parent(void);

/* Called in a worker before its sandbox is closed: it ignores SIGHUP, which a terminal sends to
 * all. */
void reload_ignore_signal(void);

/* Called in a worker, once: takes what the parent has read. Returns the bearer token, whose
 * characters change later; NULL: there is none. */
const char *reload_begin_worker(void);

/* Called in a worker, every second: takes what the parent has read since. Returns whether the token
 * is another one now. */
int reload_tick(void);

#endif
