/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* `gapwatch ship` as a process of a capture's own: capturing never waits for a network. */
#ifndef GAPWATCH_COMMAND_SHIPPER_H
#define GAPWATCH_COMMAND_SHIPPER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "options/options.h"

struct shipper {
    const struct options *options; /* not owned */
    pid_t process;                 /* 0: it does not run */
    uint64_t started_ns;
    uint64_t restart_ns; /* when it is started again */
    unsigned failures;   /* ends soon after the start, in a row */
};

/* Checks what the options say of shipping. Returns 0, or -1 with ERROR set. */
int shipper_check(const struct options *options, struct error *error);

/* Starts the process, if the options, which SHIPPER borrows, ask for one. If it cannot
 * be started, shipper_tend() tries again. */
void shipper_start(struct shipper *shipper, const struct options *options);

/* Called from time to time: starts the process of SHIPPER again when it has ended. */
void shipper_tend(struct shipper *shipper);

/* Called when the database is complete: tells the process of SHIPPER to ship the rest and to end,
 * and waits for it, for some seconds at most. */
void shipper_stop(struct shipper *shipper);

#endif
