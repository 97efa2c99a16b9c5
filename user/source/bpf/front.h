/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Watches whether another TC program gets frames before ours. A program that returns anything but
 * "next" ends the chain, and the sensor does not see that frame. Only CAP_NET_ADMIN may query the
 * order of TCX programs, so a child process does it.
 */
#ifndef GAPWATCH_SOURCE_BPF_FRONT_H
#define GAPWATCH_SOURCE_BPF_FRONT_H

#include <stdint.h>

#include "source/bpf/guard.h"

/* A running watch. */
struct front {
    struct guard guard;
    int is_taken; /* another program is in front, by the last report */
};

/*
 * Starts to watch the interface INDEX, where the program with id PROGRAM is attached, until
 * front_release(). If the child cannot be started, nothing is ever reported. The process must not
 * have other threads yet.
 */
void front_begin(struct front *front, unsigned index, uint32_t program);

/* Watches the interface INDEX from now on. */
void front_move(struct front *front, unsigned index);

/* Whether is_taken has changed since the last call. Does not wait. */
int front_has_changed(struct front *front);

/* Ends the child. */
void front_release(struct front *front);

#endif
