/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The state that the parsers share while they walk one frame. */
#ifndef GAPWATCH_FRAME_H
#define GAPWATCH_FRAME_H

#include "bytes.h"
#include "cursor.h"
#include "esp_ports.h"
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

/* Where the captured octets end: in what a tunnel carries, or in front of a datagram's payload, so
 * that it is not known whether that has the form of a protocol. */
#define CUT_TUNNEL 1
#define CUT_FORM   2

/* What the parsers have found so far. In BPF this lies in map memory, like the position (cursor.h).
 * */
struct walk {
    struct position position;
    __u64 source_mac;   /* 48 bits; 0 where the link header has none */
    __u64 vlans;        /* VLAN ids, as in the flow's key */
    __u32 inside;       /* what follows and was not parsed yet (network/inside.h); 0: nothing */
    __u32 transport;    /* offset of the TCP or UDP header; 0 where there is none */
    __u8 in_udp;        /* 1 behind a UDP header */
    __u8 fragmented;    /* 1: more fragments follow, so headers may be cut here */
    __u8 stripped_tags; /* VLAN tags that the NIC or the kernel removed */
    __u8 vlan_tags;     /* VLAN tags so far, including those; counted anew inside a tunnel */
    __u8 tunnels;       /* tunnels opened so far */
    __u8 pseudowires;   /* pseudowires opened so far */
    __u8 has_outer;     /* `outer` is what the frame counts as when nothing inside has a number */
    __u8 is_cut;        /* CUT_TUNNEL, CUT_FORM: the captured octets end there */
    __u8 has_mirror;    /* `mirror` is the record of the number that a tunnel gave the frame */
    __u8 reserved[3];
    __u32 datagram; /* behind a UDP header: octets of its payload, also of those in later fragments
                     */
    enum outcome outer_outcome;
    struct frame_record outer;
    struct frame_record mirror;
};

/* Sets WALK to the beginning of a frame of WIRE_BYTES. The records in it stay as they are. */
static __always_inline void walk_begin(struct walk *walk, __u32 wire_bytes, __u8 stripped_tags)
{
    __builtin_memset(walk, 0, __builtin_offsetof(struct walk, outer_outcome));
    walk->position.left = wire_bytes;
    walk->stripped_tags = stripped_tags;
    walk->vlan_tags = stripped_tags;
}

struct frame {
    struct cursor cursor;
    struct walk *walk;
    struct frame_record *record;
    __u32 tunnels; /* a bit for each that is to be opened (tunnels.h) */
    const struct esp_ports *esp_ports;
};

#endif
