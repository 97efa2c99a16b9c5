/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The PPP protocol field, RFC 1661 section 2: two octets, or compressed to one (6.5). Its low bit
 * is set only in the last octet.
 */
#ifndef GAPWATCH_NETWORK_PPP_PROTOCOL_H
#define GAPWATCH_NETWORK_PPP_PROTOCOL_H

#include "network/ethertype.h"

#define PPP_LAST_OCTET 1

/* Returns the EtherType that stands for the PPP protocol, or STOP(outcome). */
static __always_inline int ppp_protocol_parse(struct frame *frame)
{
    const __u8 *octet = cursor_take(&frame->cursor, 1);
    __u32 protocol;

    if (!octet)
        return STOP(cursor_shortfall(&frame->cursor, 1));
    protocol = octet[0];
    if (!(protocol & PPP_LAST_OCTET)) {
        octet = cursor_take(&frame->cursor, 1);
        if (!octet)
            return STOP(cursor_shortfall(&frame->cursor, 1));
        protocol = protocol << 8 | octet[0];
    }
    return ethertype_of_ppp((__u16)protocol);
}

#endif
