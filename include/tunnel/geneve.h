/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * GENEVE, RFC 8926 section 3.4.
 *
 *   |Ver| Opt len (6) |O|C|  Rsvd   |       Protocol type (EtherType)     |
 *   |                   VNI (24)                  |      Reserved (8)     |   options ...
 *
 * Options take Opt len words of 4 octets. With O it is a control packet. Senders set
 * reserved bits to 0. The payload is an Ethernet frame, an IP packet or one with MPLS labels.
 */
#ifndef GAPWATCH_TUNNEL_GENEVE_H
#define GAPWATCH_TUNNEL_GENEVE_H

#include "network/inside.h"

#define GENEVE_BYTES              8
#define GENEVE_VERSION_MASK       0xC0
#define GENEVE_OPTION_LENGTH_MASK 0x3Fu
#define GENEVE_OPTION_UNIT        4
#define GENEVE_CONTROL            0x80
#define GENEVE_RESERVED           0x3F /* of the second octet */
#define GENEVE_LAST               7    /* offset of the reserved octet */

/* Whether the protocol TYPE is one of those that are looked into. */
static __always_inline int geneve_carries(__u32 type)
{
    return type == ETHERTYPE_BRIDGED || type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6 ||
           type == ETHERTYPE_MPLS;
}

/* See gre_open() in tunnel/gre.h. */
static __always_inline int geneve_open(struct frame *frame, int by)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *header = cursor_take(cursor, GENEVE_BYTES);
    __u32 options, type;

    (void)by;
    if (!header)
        return STOP(cursor_shortfall(cursor, GENEVE_BYTES));
    type = load_be16(header + 2);
    if (header[0] & GENEVE_VERSION_MASK || header[1] & (GENEVE_CONTROL | GENEVE_RESERVED) ||
        header[GENEVE_LAST] || !geneve_carries(type))
        return NOT_A_TUNNEL;
    options = (header[0] & GENEVE_OPTION_LENGTH_MASK) * GENEVE_OPTION_UNIT;
    if (!cursor_take(cursor, options))
        return STOP(cursor_shortfall(cursor, options));
    return (int)type;
}

#endif
