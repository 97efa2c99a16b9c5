/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * BSD loopback, LINKTYPE_NULL and LINKTYPE_LOOP of the tcpdump group.
 *
 *   | address family (4) | IP packet
 *
 * NULL has the family in the byte order of the capturing host, LOOP in network byte order. Every
 * family number fits into 16 bits, so the half that is not zero tells the order.
 */
#ifndef GAPWATCH_LINK_LOOPBACK_H
#define GAPWATCH_LINK_LOOPBACK_H

#include "frame.h"
#include "network/ethertype.h"

#define LOOPBACK_HEADER_BYTES    4
#define FAMILY_INET              2
#define FAMILY_INET6_LINUX       10
#define FAMILY_INET6_NET_OPENBSD 24
#define FAMILY_INET6_FREEBSD     28
#define FAMILY_INET6_DARWIN      30

/* Returns the EtherType that stands for the address family, or STOP(outcome). */
static __always_inline int loopback_parse(struct frame *frame)
{
    const __u8 *header = cursor_take(&frame->cursor, LOOPBACK_HEADER_BYTES);
    __u32 family;

    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, LOOPBACK_HEADER_BYTES));
    family = load_be32(header);
    if (family > 0xFFFF)
        family = __builtin_bswap32(family);
    switch (family) {
    case FAMILY_INET:
        return ETHERTYPE_IPV4;
    case FAMILY_INET6_LINUX:
    case FAMILY_INET6_NET_OPENBSD:
    case FAMILY_INET6_FREEBSD:
    case FAMILY_INET6_DARWIN:
        return ETHERTYPE_IPV6;
    default:
        return STOP(OUTCOME_NOT_IP);
    }
}

#endif
