/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Linux "cooked" captures, LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 of the tcpdump group.
 *
 *   v1 | packet type (2) | ARPHRD (2) | address length (2) | address (8) | protocol (2) |
 *   v2 | protocol (2) | reserved (2) | ifindex (4) | ARPHRD (2) | packet type (1) |
 *      | address length (1) | address (8) |
 *
 * The protocol is an EtherType, or 4 where LLC follows; the address is the sender's.
 */
#ifndef GAPWATCH_LINK_COOKED_H
#define GAPWATCH_LINK_COOKED_H

#include "network/ethertype.h"

#define COOKED_V1_HEADER_BYTES 16
#define COOKED_V2_HEADER_BYTES 20
#define MAC_ADDRESS_BYTES      6
#define COOKED_PROTOCOL_LLC    4 /* ETH_P_802_2 */

/* The EtherType that PROTOCOL stands for, or STOP(outcome). */
static __always_inline int ethertype_of_cooked(int protocol)
{
    if (protocol == COOKED_PROTOCOL_LLC)
        return ETHERTYPE_LLC;
    return protocol < ETHERTYPE_FIRST ? STOP(OUTCOME_NOT_IP) : protocol;
}

/* Returns the EtherType, or STOP(outcome). */
static __always_inline int cooked_v1_parse(struct frame *frame)
{
    const __u8 *header = cursor_take(&frame->cursor, COOKED_V1_HEADER_BYTES);

    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, COOKED_V1_HEADER_BYTES));
    if (load_be16(header + 4) == MAC_ADDRESS_BYTES)
        frame->walk->source_mac = load_be48(header + 6);
    return ethertype_of_cooked(load_be16(header + 14));
}

/* Returns the EtherType, or STOP(outcome). */
static __always_inline int cooked_v2_parse(struct frame *frame)
{
    const __u8 *header = cursor_take(&frame->cursor, COOKED_V2_HEADER_BYTES);

    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, COOKED_V2_HEADER_BYTES));
    if (header[11] == MAC_ADDRESS_BYTES)
        frame->walk->source_mac = load_be48(header + 12);
    return ethertype_of_cooked(load_be16(header));
}

#endif
