/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * VXLAN, RFC 7348 section 5, also with group policy (draft-smith-vxlan-group-policy section 2.1) or
 * with the generic protocol extension (draft-ietf-nvo3-vxlan-gpe section 3).
 *
 *   |G|R|R|R|I|P|R|R|R|D|R|R|A|R|R|R|   group policy, or 0 and next protocol (8)   |
 *   |              VNI (24)             |   Reserved (8)    |   an Ethernet frame
 *
 * G says that there is a group, with D and A; P, that there is a next protocol: an IP packet may
 * follow then. Senders
 * set reserved bits (R) to 0; other data on these ports seldom has zeros there.
 */
#ifndef GAPWATCH_TUNNEL_VXLAN_H
#define GAPWATCH_TUNNEL_VXLAN_H

#include "network/inside.h"

#define VXLAN_BYTES        8
#define VXLAN_HAS_VNI      0x08000000u
#define VXLAN_HAS_PROTOCOL 0x04000000u
#define VXLAN_HAS_GROUP    0x80000000u
#define VXLAN_GROUP        0x8048FFFFu /* all that belongs to it */
#define VXLAN_PROTOCOL     0x000000FFu
#define VXLAN_IPV4         1
#define VXLAN_IPV6         2
#define VXLAN_ETHERNET     3

/* What follows HEADER. */
static __always_inline int vxlan_carries(const __u8 *header)
{
    __u32 flags = load_be32(header), protocol = VXLAN_ETHERNET;

    if (flags & VXLAN_HAS_PROTOCOL) {
        protocol = flags & VXLAN_PROTOCOL;
        flags &= ~(VXLAN_HAS_PROTOCOL | VXLAN_PROTOCOL);
    } else if (flags & VXLAN_HAS_GROUP) {
        flags &= ~VXLAN_GROUP;
    }
    if (flags != VXLAN_HAS_VNI || header[7])
        return NOT_A_TUNNEL;
    if (protocol == VXLAN_ETHERNET)
        return ETHERTYPE_BRIDGED;
    if (protocol == VXLAN_IPV4)
        return ETHERTYPE_IPV4;
    return protocol == VXLAN_IPV6 ? ETHERTYPE_IPV6 : NOT_A_TUNNEL;
}

/* See gre_open() in tunnel/gre.h. */
static __always_inline int vxlan_open(struct frame *frame, int by)
{
    const __u8 *header = cursor_take(&frame->cursor, VXLAN_BYTES);

    (void)by;
    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, VXLAN_BYTES));
    return vxlan_carries(header);
}

#endif
