/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A child process that keeps CAP_NET_ADMIN only, so that the sensor can drop it. Sensor and child
 * talk over a socket. The child ends when the sensor's end of the socket closes, even if the sensor
 * was killed. */
#ifndef GAPWATCH_SOURCE_BPF_GUARD_H
#define GAPWATCH_SOURCE_BPF_GUARD_H

#include <sys/types.h>

#include "base/error.h"

struct guard {
    pid_t process; /* 0: no child */
    int socket;
};

/*
 * Forks. Returns 1 in the parent, with GUARD set; 0 in the child, where GUARD->socket is the other
 * end, and the only descriptors left are that and KEEP (-1: none); -1 with errno set when there is
 * no child. The process must not have other threads. NAME is what `ps` shows.
 */
int guard_fork(struct guard *guard, const char *name, int keep);

/* Called in the child: gives up all privileges but CAP_NET_ADMIN. Returns 0, or -1 with
 * ERROR set. */
int guard_drop(struct error *error);

/* Closes the socket of GUARD and waits until the child has ended. Returns the child's status as
 * waitpid() does, or 0 when the status is unknown. Does nothing without a child. */
int guard_end(struct guard *guard);

#endif
