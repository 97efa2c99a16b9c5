/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Waiting, reloading on SIGHUP, and messages to the service manager (base/service.h), for the
 * process that ships as a service. */
#ifndef GAPWATCH_SHIP_LIFE_H
#define GAPWATCH_SHIP_LIFE_H

#include <stdint.h>

struct life {
    uint64_t every_ns; /* interval of the service manager's watchdog; 0: it has none */
    uint64_t told_ns;  /* on the monotonic clock */
};

/* Initialises LIFE. From now on SIGHUP only makes life_must_reload() return 1. Tells the service
 * manager that shipping has begun. */
void life_begin(struct life *life);

/* Feeds the service manager's watchdog when that is due by LIFE. */
void life_show(struct life *life);

/* Waits for WAIT_NS, or until the program is told to end or to read its files again. */
void life_rest(struct life *life, uint64_t wait_ns);

/* Whether SIGHUP came since the last call. */
int life_must_reload(void);

#endif
