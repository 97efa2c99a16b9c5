/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The frame header record: the result of the classifier for a frame. It passes from the kernel to
 * user space, so its layout is fixed and has no implicit padding. Numbers are in host byte order;
 * addresses are strings of octets as on the wire. */
#ifndef GAPWATCH_RECORD_H
#define GAPWATCH_RECORD_H

#include "types.h"

/* The VLAN ids of a frame are packed into one number. Id 0 names no VLAN and is left out. */
#define VLAN_ID_BITS 12
#define VLAN_ID_MASK ((1u << VLAN_ID_BITS) - 1)

/* A number of a key, whose size is no multiple of eight octets. */
typedef __u64 packed_u64 __attribute__((aligned(4)));

/* Numbers are kept with this many bits. */
#define NUMBER_BITS_MAX 63

/* Identifies a flow. Unused members are zero, so that keys can be compared and hashed as bytes. */
struct flow_key {
    __u8 protocol;  /* an enum outcome that is a protocol */
    __u8 family;    /* 4 or 6: version of the addresses; 0: no addresses */
    __u16 reserved; /* 0; between kernel and user space: see bpf/deliver.bpf.h */
    union {
        __u32 spi;
        __u32 identifier; /* names an SA between two addresses: the SPI or its counterpart */
    };
    union { /* by protocol */
        packed_u64 sci;
        __u8 source[16]; /* an IPv4 address takes the first four octets */
    };
    union { /* by protocol */
        __u8 destination[16];
        packed_u64 vlans; /* MACsec: ids of the VLAN tags in front of the SecTAG, the innermost
                             lowest */
    };
    union {          /* where ports are part of the flow */
        __u32 ports; /* both, as they lie in memory */
        struct {
            __u16 source_port;
            __u16 destination_port;
        };
    };
};

/* In a key: not a flow, but a tunnel whose numbers show the loss of its mirror (mirror.h). */
#define PROTOCOL_MIRROR 0xFF

/* In a key: not a flow, but the contents of a PDU of MKA (mka_record.h). */
#define PROTOCOL_MKA 0xFE

_Static_assert(sizeof(struct flow_key) == 44, "kernel and user space share this layout");

enum record_flags {
    RECORD_IMPLICIT_SCI = 1 << 0, /* the frame has no SCI: source MAC and port 1 are assumed */
    RECORD_MISSED = 1 << 1,       /* the kernel had no room for its record; in a batch it stands for
                                     several such frames */
    RECORD_HARDWARE_TIME = 1 << 2, /* the timestamp is of the NIC's clock, not CLOCK_MONOTONIC; only
                                      between kernel and user space */
    RECORD_CANDIDATE = 1 << 3,     /* a UDP datagram that may be a frame of the flow in the key
                                      (track/flows/candidates.h decides) */
    RECORD_MERGED = 1 << 4,    /* several frames that the kernel merged (GRO); only the first one's
                                  number is known */
    RECORD_HANDSHAKE = 1 << 5, /* a candidate without a number, which gives the identifier of the
                                  frames of the other direction; it counts as UDP */
    RECORD_COPY = 1 << 6,      /* no frame of its own: a copy of one that came before was dropped */
    RECORD_ALONE = 1 << 7,     /* no frame of its own: one that came before has had no copy */
};

/* Whether a TCP segment shows ESP in it (esp_in_tcp.h); the association of its record. */
enum esp_in_tcp {
    ESP_IN_TCP_NO,
    ESP_IN_TCP_MAYBE, /* an ESP message may begin; the record's sequence is its SPI and number */
    ESP_IN_TCP_YES,   /* the stream prefix, or an IKE message */
};

struct frame_record {
    __u64 timestamp_ns; /* since 1970-01-01T00:00:00Z */
    struct flow_key key;
    __u32 wire_bytes; /* length on the wire, not captured length */
    __u64 sequence;   /* PN or sequence number, as many bits as are on the wire. TCP: SPI and number
                         of an ESP message in it (esp_in_tcp.h) */
    __u8 association; /* the part of the flow that has a sequence space of its own. MACsec: the AN.
                         DTLS: the low octet of the epoch. UDP: the IKE exchange type of a datagram
                         that makes SAs (ike.h). TCP: enum esp_in_tcp. Else 0 */
    __u8 flags;       /* enum record_flags */
    __u16 wire_packets; /* frames on the wire that this one stands for: more than 1 when merged
                           (GRO); 0: another number of the frame of the record before */
    union {
        __u32 missed; /* with RECORD_MISSED: index in the batch's missed frames */
        __u32 ports;  /* with RECORD_CANDIDATE: the ports, as in the key of its UDP flow */
    };
};

_Static_assert(sizeof(struct frame_record) == 72, "no implicit padding");

#endif
