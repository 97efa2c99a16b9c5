/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * SIGHUP: the parent of the workers reads the token, the certificate and its key again, and gives
 * them to the workers. Kore would load the module again instead, which the workers' sandbox does
 * not allow.
 */
#ifndef GAPWATCH_API_HTTP_RELOAD_H
#define GAPWATCH_API_HTTP_RELOAD_H

/* Called once in the parent, while it has all its privileges: reads the files that the settings
 * name, and handles SIGHUP from now on. Ends the program when they cannot be read. */
void reload_begin_parent(void);

/* Called in a worker before its sandbox is closed: makes it ignore SIGHUP, which a terminal sends
 * to all processes. */
void reload_ignore_signal(void);

/* Called once in a worker: takes the secrets that the parent has read, and begins TLS with them.
 * Returns the bearer token, which stays valid and changes at a reload; NULL: clients need none.
 * Ends the worker when the parent has given nothing. */
const char *reload_begin_worker(void);

/* Called every second in a worker: takes the secrets that the parent has read since the last call.
 * Returns whether the token has changed. */
int reload_tick(void);

#endif
