/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Watches whether our program is still attached, and whether another one gets frames before it. A
 * TC program that returns anything but "next" ends the chain, an XDP program may drop a frame
 * before TC, and the sensor does not see that frame. Only CAP_NET_ADMIN may query the order of TCX
 * programs, so a child process does it.
 */
#ifndef GAPWATCH_SOURCE_BPF_ATTACHMENT_H
#define GAPWATCH_SOURCE_BPF_ATTACHMENT_H

#include <stdint.h>

#include "source/bpf/guard.h"

enum attachment_state {
    ATTACHMENT_FIRST,  /* our program comes first, or this cannot be found out */
    ATTACHMENT_BEHIND, /* another program comes first */
    ATTACHMENT_GONE,   /* our program was detached */
};

/* Hooks of an interface. */
enum {
    AT_XDP = 1 << 0,
    AT_TC_IN = 1 << 1,
    AT_TC_OUT = 1 << 2,
};

/* Where our program is attached. */
struct place {
    unsigned index;   /* of the interface */
    uint32_t program; /* id of our program */
    unsigned hooks;   /* hooks where it is attached; 0: none that can be watched */
};

/* A running watch. */
struct attachment {
    struct guard guard;
    enum attachment_state state; /* as last reported */
};

/* Starts to watch PLACE, until attachment_release(). If the child process cannot be started,
 * nothing is ever reported. This process must not have other threads yet. */
void attachment_begin(struct attachment *attachment, const struct place *place);

/* Watches PLACE from now on, instead of the place before. */
void attachment_move(struct attachment *attachment, const struct place *place);

/* Whether the state of ATTACHMENT has changed since the last call. Returns at once. */
int attachment_has_changed(struct attachment *attachment);

/* Ends the child process of ATTACHMENT. */
void attachment_release(struct attachment *attachment);

#endif
