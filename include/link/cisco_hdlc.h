/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Cisco HDLC, LINKTYPE_C_HDLC of the tcpdump group (RFC 1547 section 4.3.1).
 *
 *   | address (1) | control (1) | EtherType (2) |
 */
#ifndef GAPWATCH_LINK_CISCO_HDLC_H
#define GAPWATCH_LINK_CISCO_HDLC_H

#include "network/ethertype.h"

#define CISCO_HDLC_BYTES     4
#define CISCO_HDLC_UNICAST   0x0F
#define CISCO_HDLC_MULTICAST 0x8F

/* Returns the EtherType, or STOP(outcome). */
static __always_inline int cisco_hdlc_parse(struct frame *frame)
{
    const __u8 *header = cursor_take(&frame->cursor, CISCO_HDLC_BYTES);
    int ethertype;

    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, CISCO_HDLC_BYTES));
    ethertype = load_be16(header + 2);
    if ((header[0] != CISCO_HDLC_UNICAST && header[0] != CISCO_HDLC_MULTICAST) ||
        ethertype < ETHERTYPE_FIRST)
        return STOP(OUTCOME_NOT_IP);
    return ethertype;
}

#endif
