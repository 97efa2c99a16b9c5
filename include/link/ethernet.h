/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Ethernet II, IEEE 802.3 clause 3.2.
 *
 *   | destination MAC (6) | source MAC (6) | EtherType (2) | payload
 *
 * A value below 0x0600 in place of the EtherType is a length, and LLC follows (network/llc.h).
 */
#ifndef GAPWATCH_LINK_ETHERNET_H
#define GAPWATCH_LINK_ETHERNET_H

#include "frame.h"

#define ETHERNET_HEADER_BYTES 14

/* Returns the EtherType, or STOP(outcome). */
static __always_inline int ethernet_parse(struct frame *frame)
{
    const __u8 *header = cursor_take(&frame->cursor, ETHERNET_HEADER_BYTES);

    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, ETHERNET_HEADER_BYTES));
    frame->walk->source_mac = load_be48(header + 6);
    return load_be16(header + 12);
}

#endif
