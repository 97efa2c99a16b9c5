/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What a live capture tells the service manager that started it (base/service.h). */
#ifndef GAPWATCH_COMMAND_LIFESIGN_H
#define GAPWATCH_COMMAND_LIFESIGN_H

#include <stdint.h>

#include "session/group.h"

struct lifesign {
    uint64_t every_ns; /* 0: nobody waits for a sign of life */
    uint64_t told_ns;  /* on the monotonic clock */
};

/* Says that the sessions of GROUP see frames from now on. */
void lifesign_begin(struct lifesign *lifesign, const struct group *group);

/* Says, when it is time to, that all sessions of GROUP go on reading. When one does not, this is
 * silent, and the service manager starts the program anew. */
void lifesign_update(struct lifesign *lifesign, struct group *group, uint64_t now_ns);

/* Says that the capture ends. */
void lifesign_end(void);

#endif
