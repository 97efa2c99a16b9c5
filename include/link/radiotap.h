/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Radiotap, www.radiotap.org, in front of 802.11. Numbers are little-endian.
 *
 *   | version 0 (1) | padding (1) | length of all of it (2) | which fields (4), ... | fields ... |
 */
#ifndef GAPWATCH_LINK_RADIOTAP_H
#define GAPWATCH_LINK_RADIOTAP_H

#include "link/ieee_802_11.h"

#define RADIOTAP_LEAST_BYTES 8
#define RADIOTAP_VERSION     0

/* Returns the EtherType that stands for LLC, or STOP(outcome). */
static __always_inline int radiotap_parse(struct frame *frame)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *header = cursor_peek(cursor, RADIOTAP_LEAST_BYTES);
    __u32 bytes;

    if (!header)
        return STOP(cursor_shortfall(cursor, RADIOTAP_LEAST_BYTES));
    bytes = load_le16(header + 2);
    if (header[0] != RADIOTAP_VERSION || bytes < RADIOTAP_LEAST_BYTES)
        return STOP(OUTCOME_MALFORMED);
    if (!cursor_take(cursor, bytes))
        return STOP(cursor_shortfall(cursor, bytes));
    return ieee_802_11_parse(frame);
}

#endif
