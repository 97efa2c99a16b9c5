/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A child process that keeps CAP_NET_ADMIN alone, so that the sensor can do without. The two talk
 * over a socket; the child ends when the sensor's end of it closes, however that comes about.
 */
#ifndef GAPWATCH_SOURCE_BPF_GUARD_H
#define GAPWATCH_SOURCE_BPF_GUARD_H

#include <sys/types.h>

#include "base/error.h"

struct guard {
    pid_t process; /* 0: there is none */
    int socket;
};

/*
 * Forks. Returns 1 in the parent, with GUARD set; 0 in the child, with the other end in
 * GUARD->socket, that and KEEP (-1: nothing) being its only descriptors; -1 with errno where there
 * is no child. Needs that there are no other threads yet. NAME is what `ps` shows.
 */
int guard_fork(struct guard *guard, const char *name, int keep);

/* In the child: gives up all privileges but CAP_NET_ADMIN. Returns 0, or -1 with ERROR set. */
int guard_drop(struct error *error);

/* Closes the socket and waits until the child has ended. Returns the status of waitpid(), or 0 when
 * somebody else was told. Harmless without a child. */
int guard_end(struct guard *guard);

#endif
