/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A TC program on kernels without TCX, attached for as long as this process lives.
 *
 * Filters outlive the process that attached them. So a child does it, the guard: it holds one end
 * of a socket, and when the other end closes, because we are done or were killed, it takes the
 * filters away and ends. The guard keeps CAP_NET_ADMIN alone, so that we can do without, and its
 * descriptors are the socket and the program.
 */
#ifndef GAPWATCH_SOURCE_BPF_CLSACT_H
#define GAPWATCH_SOURCE_BPF_CLSACT_H

#include "base/error.h"
#include "source/bpf/guard.h"
#include "source/source.h"

struct clsact {
    struct guard guard;
};

/* Starts the guard and has it attach the program behind PROGRAM to the interface of INDEX. Needs
 * CAP_NET_ADMIN, and that there are no other threads yet. Returns 0, or -1 with ERROR set: then
 * nothing is attached, and there is nothing to detach. */
int clsact_attach(struct clsact *clsact, unsigned index, int program, enum direction direction,
                  struct error *error);

/* Has the guard attach the same program to the interface of INDEX, in place of where it is; for one
 * that went away and came back. Needs no privilege. Returns 0, or -1 with ERROR set: then it is
 * nowhere, and this may be tried again. */
int clsact_reattach(struct clsact *clsact, unsigned index, struct error *error);

/* Has the guard detach the program, and waits until it has ended. Needs no privilege. Returns 0, or
 * -1 with ERROR set: something killed the guard, and the filters may be there still. */
int clsact_detach(struct clsact *clsact, struct error *error);

#endif
