/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The state that the parsers share while they walk one frame. */
#ifndef GAPWATCH_FRAME_H
#define GAPWATCH_FRAME_H

#include "bytes.h"
#include "cursor.h"
#include "outcome.h"
#include "record.h"

/* A parser returns what follows its header (an EtherType, an IP protocol), or STOP(outcome), which
 * is negative, when the frame ends there. */
#define STOP(outcome) (-(int)(outcome))

/* The outcome in the RESULT of a parser, or OUTCOME_NONE when the frame goes on. */
static __always_inline enum outcome stopped(int result)
{
    return result < 0 ? (enum outcome)(-result) : OUTCOME_NONE;
}

/* What the parsers learnt so far. In BPF it lies in map memory, like the position (cursor.h). */
struct walk {
    struct position position;
    __u64 source_mac;    /* 48 bits; 0 where the link header has none */
    __u32 in_udp;        /* 1 behind a UDP header */
    __u32 fragmented;    /* not 0: more fragments follow, so headers may be cut here */
    __u64 vlans;         /* VLAN ids, as in the flow's key */
    __u32 stripped_tags; /* VLAN tags that the NIC or the kernel removed */
    __u32 transport;     /* offset of the TCP or UDP header; 0 where there is none */
};

struct frame {
    struct cursor cursor;
    struct walk *walk;
    struct frame_record *record;
};

#endif
