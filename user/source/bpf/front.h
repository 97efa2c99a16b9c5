/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Whether another TC program gets frames before ours does. One that answers with anything but
 * "next" ends the chain, and what it took is not seen here. Only CAP_NET_ADMIN may ask for the
 * order of TCX programs, so a child process does.
 */
#ifndef GAPWATCH_SOURCE_BPF_FRONT_H
#define GAPWATCH_SOURCE_BPF_FRONT_H

#include <stdint.h>

#include "source/bpf/guard.h"

struct front {
    struct guard guard;
    int is_taken; /* by another program, as far as was told */
};

/* Starts to look after the interface of INDEX, where the program of id PROGRAM is attached, for as
 * long as FRONT is not released. Where there is no child, nothing is ever told. Needs that there
 * are no other threads yet. */
void front_begin(struct front *front, unsigned index, uint32_t program);

/* The interface is another one from now on. */
void front_move(struct front *front, unsigned index);

/* Whether is_taken has changed since the last call. Does not wait. */
int front_has_changed(struct front *front);

void front_release(struct front *front);

#endif
