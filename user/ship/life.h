/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The process that ships as a service: it waits, is told to read its files again, and tells the
 * service manager that it is alive (base/service.h). */
#ifndef GAPWATCH_SHIP_LIFE_H
#define GAPWATCH_SHIP_LIFE_H

#include <stdint.h>

struct life {
    uint64_t every_ns; /* how often the service manager wants a sign of life; 0: never */
    uint64_t told_ns;  /* on the monotonic clock */
};

/* From now on SIGHUP only makes life_must_reload() return 1. Tells the service manager that
 * shipping has begun. */
void life_begin(struct life *life);

/* Says that the program goes on, when it is time to. */
void life_show(struct life *life);

/* Waits for WAIT_NS, or until the program is told to end or to read its files again. */
void life_rest(struct life *life, uint64_t wait_ns);

/* Whether SIGHUP came since the last call. */
int life_must_reload(void);

#endif
