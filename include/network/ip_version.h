/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Finds the IP version where no header states it: on raw IP links and behind MPLS labels. */
#ifndef GAPWATCH_NETWORK_IP_VERSION_H
#define GAPWATCH_NETWORK_IP_VERSION_H

#include "frame.h"
#include "network/ethertype.h"

/* Returns the EtherType for the packet's version field (RFC 791 3.1, RFC 8200 3), or STOP(outcome).
 * Takes nothing. */
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
