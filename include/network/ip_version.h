/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which IP it is where nothing but the packet says so: raw IP links, and behind MPLS labels. */
#ifndef GAPWATCH_NETWORK_IP_VERSION_H
#define GAPWATCH_NETWORK_IP_VERSION_H

#include "frame.h"
#include "network/ethertype.h"

/* Looks at the version nibble (RFC 791 3.1, RFC 8200 3) and takes nothing. Returns the EtherType,
 * or STOP(outcome). */
static __always_inline int ip_version_parse(struct frame *frame)
{
    const __u8 *first = cursor_peek(&frame->cursor, 1);

    if (!first)
        return STOP(cursor_shortfall(&frame->cursor, 1));
    switch (*first >> 4) {
    case 4:
        return ETHERTYPE_IPV4;
    case 6:
        return ETHERTYPE_IPV6;
    default:
        return STOP(OUTCOME_NOT_IP);
    }
}

#endif
