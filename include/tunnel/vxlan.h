/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * VXLAN, RFC 7348 section 5, also with group policy (draft-smith-vxlan-group-policy section 2.1).
 *
 *   |G|R|R|R|I|R|R|R|R|D|R|R|A|R|R|R|   Group policy (16)   |
 *   |              VNI (24)             |   Reserved (8)    |   an Ethernet frame
 *
 * Without G, there are neither D and A nor a group. Senders set what is reserved (R) to 0; other
 * data on these ports seldom has it so.
 */
#ifndef GAPWATCH_TUNNEL_VXLAN_H
#define GAPWATCH_TUNNEL_VXLAN_H

#include "tunnel/inside.h"

#define VXLAN_BYTES     8
#define VXLAN_HAS_VNI   0x08000000u
#define VXLAN_HAS_GROUP 0x80000000u
#define VXLAN_GROUP     0x8048FFFFu /* all that belongs to it */

/* Whether HEADER is one of VXLAN. */
static __always_inline int vxlan_is_header(const __u8 *header)
{
    __u32 flags = load_be32(header);

    if (flags & VXLAN_HAS_GROUP)
        flags &= ~VXLAN_GROUP;
    return flags == VXLAN_HAS_VNI && !header[7];
}

static __always_inline int vxlan_open(struct frame *frame, int by)
{
    const __u8 *header = cursor_take(&frame->cursor, VXLAN_BYTES);

    (void)by;
    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, VXLAN_BYTES));
    return vxlan_is_header(header) ? ETHERTYPE_BRIDGED : NOT_A_TUNNEL;
}

#endif
