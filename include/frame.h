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
    __u32 vlan_tags;     /* VLAN tags so far, with those; a tunnel starts anew */
    __u32 transport;     /* where the TCP or UDP header starts; 0: there is none */
    __u32 inside;        /* what a tunnel carries, from the cursor on, and nobody has looked at yet
                            (tunnel.h); 0: nothing */
    __u32 tunnels;       /* that were opened */
    __u32 pseudowires;   /* the same */
    __u32 has_outer;  /* `outer` holds what the frame counts as when nothing inside has a number */
    __u32 is_cut;     /* the snap length ended what a tunnel carries */
    __u32 has_mirror; /* `mirror` holds the number that a tunnel gave the frame */
    enum outcome outer_outcome;
    struct frame_record outer;
    struct frame_record mirror;
};

/* The walk begins in front of WIRE_BYTES. The records in it stay as they are. */
static __always_inline void walk_begin(struct walk *walk, __u32 wire_bytes, __u32 stripped_tags)
{
    walk->position.offset = 0;
    walk->position.left = wire_bytes;
    walk->source_mac = 0;
    walk->in_udp = 0;
    walk->fragmented = 0;
    walk->vlans = 0;
    walk->stripped_tags = stripped_tags;
    walk->vlan_tags = stripped_tags;
    walk->transport = 0;
    walk->inside = 0;
    walk->tunnels = 0;
    walk->pseudowires = 0;
    walk->has_outer = 0;
    walk->is_cut = 0;
    walk->has_mirror = 0;
}

struct frame {
    struct cursor cursor;
    struct walk *walk;
    struct frame_record *record;
    __u32 tunnels; /* a bit for each that is to be opened (tunnels.h) */
};

#endif
