/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The frame header record: all that anything behind the classifier knows of a frame. It crosses the
 * border between kernel and user space, so its layout is fixed and has no implicit padding.
 * Numbers are in host byte order, addresses are byte strings as on the wire.
 */
#ifndef GAPWATCH_RECORD_H
#define GAPWATCH_RECORD_H

#include "types.h"

/* VLAN ids are kept one behind the other in a number. An id of 0 names no VLAN and is left out. */
#define VLAN_ID_BITS 12
#define VLAN_ID_MASK ((1u << VLAN_ID_BITS) - 1)

/* Which flow a frame belongs to. Unused parts are zero, so keys compare and hash as plain bytes. */
struct flow_key {
    __u8 protocol; /* enum outcome of a protocol */
    __u8 family;   /* 4 or 6: what the addresses are; 0: none */
    __u16 reserved;
    union { /* by protocol */
        __u32 spi;
        __u32 identifier; /* whatever it is that names an SA between two addresses */
        __u32 ports;      /* both, as they lie here */
        struct {
            __u16 source_port;
            __u16 destination_port;
        };
    };
    union { /* by protocol */
        __u64 sci;
        __u8 source[16]; /* an IPv4 address is the first four octets */
    };
    union { /* by protocol */
        __u8 destination[16];
        __u64 vlans; /* MACsec: the ids of the VLAN tags in front of it, the innermost lowest */
    };
};

/* In a key: no flow, but a tunnel whose numbers tell what its mirror lost (mirror.h). */
#define PROTOCOL_MIRROR 0xFF

_Static_assert(sizeof(struct flow_key) == 40, "kernel and user space share this layout");

enum record_flags {
    RECORD_IMPLICIT_SCI = 1 << 0, /* the SCI is not in the frame: source MAC and port 1 assumed */
    RECORD_MISSED = 1 << 1, /* the kernel had no room for it; in a batch: stands for several such */
    RECORD_HARDWARE_TIME = 1 << 2, /* between kernel and user space: the NIC's clock, not the
                                      kernel's monotonic one */
    RECORD_CANDIDATE = 1 << 3,     /* a UDP datagram that may be a frame of what its key names: it
                                      is one when three agree (track/candidates.h) */
    RECORD_MERGED = 1 << 4,        /* several frames that the kernel merged (GRO), of whose numbers
                                      only the first could be read */
};

struct frame_record {
    __u64 timestamp_ns; /* since 1970-01-01T00:00:00Z */
    struct flow_key key;
    __u32 wire_bytes;   /* length on the wire, not the captured one */
    __u32 sequence;     /* PN or sequence number, the 32 bits that are sent */
    __u8 association;   /* MACsec AN, which opens a sequence space of its own; else 0 */
    __u8 flags;         /* enum record_flags */
    __u16 wire_packets; /* frames on the wire behind this one: more than 1 when merged (GRO) */
    union {
        __u32 missed; /* with RECORD_MISSED: which of the batch's missed frames */
        __u32 ports;  /* with RECORD_CANDIDATE: of its UDP flow, as in that flow's key */
    };
};

_Static_assert(sizeof(struct frame_record) == 64, "one cache line, no implicit padding");

#endif
