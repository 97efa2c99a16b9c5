/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A TC program on kernels without TCX, attached for as long as this process lives.
 *
 * Filters outlive the process that attached them. So a child process, the guard, attaches them. It
 * holds one end of a socket; when the other end closes, because the sensor ended or was killed, it
 * removes the filters and ends. The guard keeps CAP_NET_ADMIN only, so that the sensor can drop it,
 * and its only descriptors are the socket and the program.
 */
#ifndef GAPWATCH_SOURCE_BPF_CLSACT_H
#define GAPWATCH_SOURCE_BPF_CLSACT_H

#include "base/error.h"
#include "source/bpf/guard.h"
#include "source/source.h"

/* A running guard and its filters. */
struct clsact {
    struct guard guard;
};

/*
 * Starts the guard and has it attach the program with descriptor PROGRAM to the interface INDEX.
 * Needs CAP_NET_ADMIN, and a process without other threads. Returns 0, or -1 with ERROR set:
 * nothing is attached then, and nothing needs to be detached.
 */
int clsact_attach(struct clsact *clsact, unsigned index, int program, enum direction direction,
                  struct error *error);

/*
 * Has the guard detach the program and attach it to the interface INDEX, which came back after it
 * went away. Needs no privilege. Returns 0, or -1 with ERROR set: the program is attached nowhere,
 * and the call may be repeated.
 */
int clsact_reattach(struct clsact *clsact, unsigned index, struct error *error);

/* Has the guard detach the program, and waits until the guard has ended. Needs no privilege.
 * Returns 0, or -1 with ERROR set: the guard was killed, and filters may be left. */
int clsact_detach(struct clsact *clsact, struct error *error);

#endif
