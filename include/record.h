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

_Static_assert(sizeof(struct flow_key) == 40, "kernel and user space share this layout");

enum record_flags {
    RECORD_IMPLICIT_SCI = 1 << 0,  /* the SCI is not in the frame: source MAC and port 1 assumed */
    RECORD_MISSED = 1 << 1,        /* stands for a run of frames that have no record of their own */
    RECORD_HARDWARE_TIME = 1 << 2, /* between kernel and user space: the NIC's clock, not the
                                      kernel's monotonic one */
};

struct frame_record {
    __u64 timestamp_ns; /* since 1970-01-01T00:00:00Z */
    struct flow_key key;
    __u32 wire_bytes;   /* length on the wire, not the captured one */
    __u32 sequence;     /* PN or sequence number, the 32 bits that are sent */
    __u8 association;   /* MACsec AN, which opens a sequence space of its own; else 0 */
    __u8 flags;         /* enum record_flags */
    __u16 wire_packets; /* frames on the wire behind this one: more than 1 when merged (GRO) */
    __u32 missed;       /* with RECORD_MISSED: which of the batch's runs */
};

_Static_assert(sizeof(struct frame_record) == 64, "one cache line, no implicit padding");

/*
 * Frames of one flow and association in a row that the kernel saw, but for whose records there was
 * no room. Numbers missing among them were lost by the network. How it grows is in missed.h.
 */
struct missed_run {
    struct flow_key key;
    __u64 packets;
    __u64 bytes;
    __u64 first_ns; /* times are as in the frame header record */
    __u64 last_ns;
    __u64 lost;           /* numbers between first and last that no frame had */
    __u64 head;           /* bit i: a frame had the number first_sequence + i */
    __u64 tail;           /* bit i: a frame had the number last_sequence - i */
    __u32 first_sequence; /* the lowest, of a protocol that numbers its frames */
    __u32 last_sequence;  /* the highest */
    __u32 jumped;         /* a number far off that the next frame has to confirm; */
    __u8 has_jumped;      /* 1: there is one */
    __u8 association;
    __u8 flags;    /* enum record_flags */
    __u8 restarts; /* 1: the sender began its numbers anew among them; head is from before */
};

_Static_assert(sizeof(struct missed_run) == 112, "no implicit padding");

#endif
