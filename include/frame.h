/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the parsers hand on to each other while they walk down one frame. */
#ifndef GAPWATCH_FRAME_H
#define GAPWATCH_FRAME_H

#include "bytes.h"
#include "cursor.h"
#include "outcome.h"
#include "record.h"

/*
 * A parser of a header that others follow returns what follows it (an EtherType, an IP protocol),
 * or this: the negative outcome in which the frame ends.
 */
#define STOP(outcome) (-(int)(outcome))

/* The outcome in such a result, or OUTCOME_NONE when the frame goes on. */
static __always_inline enum outcome stopped(int result)
{
    return result < 0 ? (enum outcome)(-result) : OUTCOME_NONE;
}

/* What was learnt on the way; in BPF it lies where the position does, and for the same reason. */
struct walk {
    struct position position;
    __u64 source_mac;    /* 48 bits; 0 where the link layer has none */
    __u32 in_udp;        /* the cursor stands behind a UDP header */
    __u32 fragmented;    /* the packet goes on in other frames: its headers may, too */
    __u64 vlans;         /* ids of the VLAN tags, as in the flow's key */
    __u32 stripped_tags; /* VLAN tags that are not in the frame any more */
    __u32 transport;     /* where the TCP or UDP header starts; 0: there is none */
};

struct frame {
    struct cursor cursor;
    struct walk *walk;
    struct frame_record *record;
};

#endif
