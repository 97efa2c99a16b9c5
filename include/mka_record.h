/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The contents of a PDU of MKA about a MACsec channel, read by network/mka.h. */
#ifndef GAPWATCH_MKA_RECORD_H
#define GAPWATCH_MKA_RECORD_H

#include "record.h"

enum mka_flags {
    MKA_IS_SERVER = 1 << 0,
    MKA_HAS_USE = 1 << 1,         /* there was a set SAK use, not empty */
    MKA_HAS_DISTRIBUTED = 1 << 2, /* a key was distributed */
    MKA_DELAY_PROTECT = 1 << 3,
    MKA_PLAIN_TX = 1 << 4, /* frames may be sent unprotected */
    MKA_PLAIN_RX = 1 << 5,
    MKA_USES_OLD = 1 << 6, /* the key in use is the one that the set SAK use names as old */
};

/* The contents of a PDU. This takes the place of a frame header record (record.h). */
struct mka_record {
    __u64 timestamp_ns;
    __u8 protocol; /* PROTOCOL_MKA */
    __u8 family;   /* 0 */
    __u16 reserved;
    __u32 identifier;      /* 0 */
    packed_u64 sci;        /* of the sender */
    packed_u64 member;     /* first eight octets of the sender's member id */
    packed_u64 vlans;      /* of the frame, as in a MACsec flow's key */
    packed_u64 key_server; /* first eight octets of the id of the server of the key in use */
    __u32 key_number;      /* of the key in use */
    __u32 distributed_key;
    __u64 lowest_pn; /* that is acceptable with the key in use; with XPN of 64 bits */
    __u8 ans;        /* second octet of the set SAK use */
    __u8 flags;      /* as in the frame header record */
    __u16 packets;   /* 1 */
    __u8 says;       /* enum mka_flags */
    __u8 suite; /* 1: GCM-AES-128, 2: GCM-AES-256, 3 and 4: the same with XPN; 0: not in the PDU,
                   255: another */
    __u8 distributed; /* AN of the distributed key */
    __u8 priority;    /* of the key server; the smallest wins */
};

_Static_assert(sizeof(struct mka_record) == sizeof(struct frame_record),
               "one takes the other's place");

#endif
