/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Feeds the service manager's watchdog while all workers answer. One that hangs may hold Kore's
 * lock for new connections, and then the others get none. */
#ifndef GAPWATCH_API_HTTP_ALIVE_H
#define GAPWATCH_API_HTTP_ALIVE_H

/* In the parent, before the workers start: makes the memory that they share. */
void alive_begin(void);

/* In a worker, each second: it answers. Tells the service manager, when it is time to, unless
 * another worker was not here for as long as that. */
void alive_tick(void);

#endif
