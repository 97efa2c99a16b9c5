/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Messages of a live capture to the service manager that started it (base/service.h): when it is
 * ready, that it is alive, and when it ends. */
#ifndef GAPWATCH_COMMAND_LIFESIGN_H
#define GAPWATCH_COMMAND_LIFESIGN_H

#include <stdint.h>

#include "session/group.h"

struct lifesign {
    uint64_t every_ns; /* 0: the service manager has no watchdog */
    uint64_t told_ns;  /* on the monotonic clock */
};

/* Tells the service manager that the sessions of GROUP see frames from now on. */
void lifesign_begin(struct lifesign *lifesign, const struct group *group);

/* Feeds the service manager's watchdog, when that is due, while all sessions of GROUP are reading.
 * When one stops reading, nothing is sent, and the service manager restarts the program. */
void lifesign_update(struct lifesign *lifesign, struct group *group, uint64_t now_ns);

/* Tells the service manager that the capture ends. */
void lifesign_end(void);

#endif
