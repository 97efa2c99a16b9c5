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
#include "network/vlan.h"

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

/* Whether a payload of ETHERTYPE begins with AT: the version of IP, or a SecTAG, whose second octet
 * is 0 in all but short frames (IEEE 802.1AE-2018 9.7). Other payloads have no known version, and
 * are accepted. */
static __always_inline int begins_payload(int ethertype, const __u8 *at)
{
    if (ethertype == ETHERTYPE_IPV4)
        return at[0] >> 4 == 4;
    if (ethertype == ETHERTYPE_IPV6)
        return at[0] >> 4 == 6;
    return ethertype != ETHERTYPE_MACSEC || !at[1];
}

/*
 * Of a frame with several VLAN tags, Linux takes the first one away. Since version 6.10, and in
 * older ones with the same change, the header then has the EtherType of the payload, though the
 * other tags are still in front of it:
 *
 *   | EtherType of the payload | TCI (2) | [EtherType of a tag (2) | TCI (2)]... | the same
 * EtherType |
 *
 * Returns whether such tags follow a header with ETHERTYPE.
 */
static __always_inline int cooked_left_tags(const struct frame *frame, int ethertype)
{
    const __u8 *tag = cursor_peek(&frame->cursor, VLAN_TAG_BYTES);
    int next;

    if (!tag || begins_payload(ethertype, tag))
        return 0;
    next = load_be16(tag + 2);
    return next == ethertype || is_vlan(next);
}

/* ETHERTYPE is that of the header. Returns the EtherType behind the header and behind the tag that
 * libpcap may have put back there, or STOP(outcome). */
static __always_inline int cooked_next(struct frame *frame, int ethertype)
{
    if (is_vlan(ethertype))
        ethertype = vlan_parse(frame);
    return cooked_left_tags(frame, ethertype) ? ETHERTYPE_VLAN : ethertype;
}

/* Returns the EtherType, or STOP(outcome). */
static __always_inline int cooked_v1_parse(struct frame *frame)
{
    const __u8 *header = cursor_take(&frame->cursor, COOKED_V1_HEADER_BYTES);

    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, COOKED_V1_HEADER_BYTES));
    if (load_be16(header + 4) == MAC_ADDRESS_BYTES)
        frame->walk->source_mac = load_be48(header + 6);
    return cooked_next(frame, ethertype_of_cooked(load_be16(header + 14)));
}

/* Returns the EtherType, or STOP(outcome). */
static __always_inline int cooked_v2_parse(struct frame *frame)
{
    const __u8 *header = cursor_take(&frame->cursor, COOKED_V2_HEADER_BYTES);

    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, COOKED_V2_HEADER_BYTES));
    if (header[11] == MAC_ADDRESS_BYTES)
        frame->walk->source_mac = load_be48(header + 12);
    return cooked_next(frame, ethertype_of_cooked(load_be16(header)));
}

#endif
