/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Apple's PKTAP, LINKTYPE_PKTAP of the tcpdump group: frames of several interfaces.
 *
 *   | header length (4) | record type (4) | link type of the frame (4) | interface (24) | ... |
 *
 * Numbers are little-endian. Record type 1 is a packet; its link type is a DLT value.
 */
#ifndef GAPWATCH_LINK_PKTAP_H
#define GAPWATCH_LINK_PKTAP_H

#include "frame.h"
#include "link_type.h"

#define PKTAP_LEAST_BYTES     12
#define PKTAP_HEADER_MAX      1024
#define PKTAP_PACKET          1
#define PKTAP_DLT_NULL        0
#define PKTAP_DLT_ETHERNET    1
#define PKTAP_DLT_PPP         9
#define PKTAP_DLT_RAW         12 /* of Apple's systems */
#define PKTAP_DLT_IEEE_802_11 105
#define PKTAP_DLT_LOOP        108
#define PKTAP_DLT_RADIOTAP    127

/* Returns the enum link_type of what follows, or STOP(outcome). */
static __always_inline int pktap_parse(struct frame *frame)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *header = cursor_peek(cursor, PKTAP_LEAST_BYTES);
    __u32 bytes, link;

    if (!header)
        return STOP(cursor_shortfall(cursor, PKTAP_LEAST_BYTES));
    bytes = load_le32(header);
    if (bytes < PKTAP_LEAST_BYTES || bytes > PKTAP_HEADER_MAX)
        return STOP(OUTCOME_MALFORMED);
    if (load_le32(header + 4) != PKTAP_PACKET)
        return STOP(OUTCOME_NOT_IP);
    link = load_le32(header + 8);
    if (!cursor_take(cursor, bytes))
        return STOP(cursor_shortfall(cursor, bytes));
    switch (link) {
    case PKTAP_DLT_ETHERNET:
        return LINK_ETHERNET;
    case PKTAP_DLT_RAW:
        return LINK_RAW_IP;
    case PKTAP_DLT_NULL:
    case PKTAP_DLT_LOOP:
        return LINK_LOOPBACK;
    case PKTAP_DLT_PPP:
        return LINK_PPP;
    case PKTAP_DLT_IEEE_802_11:
        return LINK_IEEE_802_11;
    case PKTAP_DLT_RADIOTAP:
        return LINK_RADIOTAP;
    default:
        return STOP(OUTCOME_NOT_IP);
    }
}

#endif
