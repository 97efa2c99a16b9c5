/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * VXLAN, RFC 7348 section 5.
 *
 *   |R|R|R|R|I|R|R|R|             Reserved (24)             |
 *   |              VNI (24)             |   Reserved (8)    |   an Ethernet frame
 */
#ifndef GAPWATCH_TUNNEL_VXLAN_H
#define GAPWATCH_TUNNEL_VXLAN_H

#include "network/inside.h"

#define VXLAN_BYTES   8
#define VXLAN_HAS_VNI 0x08

static __always_inline int vxlan_open(struct frame *frame, int by)
{
    const __u8 *header = cursor_take(&frame->cursor, VXLAN_BYTES);

    (void)by;
    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, VXLAN_BYTES));
    return header[0] & VXLAN_HAS_VNI ? ETHERTYPE_BRIDGED : NOT_A_TUNNEL;
}

#endif
