/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Radiotap, www.radiotap.org, in front of 802.11. Numbers are little-endian.
 *
 *   | version 0 (1) | padding (1) | length of all of it (2) | which fields (4), ... | fields ... |
 *
 * The first fields are TSFT (8 octets, aligned to 8) and flags (1). A flag says that octets stand
 * behind the 802.11 header, so that what follows is aligned to four.
 */
#ifndef GAPWATCH_LINK_RADIOTAP_H
#define GAPWATCH_LINK_RADIOTAP_H

#include "link/ieee_802_11.h"

#define RADIOTAP_LEAST_BYTES 8
#define RADIOTAP_VERSION     0
#define RADIOTAP_WORD        4
#define RADIOTAP_WORDS_MAX   16   /* of fields, behind the first: one for each antenna */
#define RADIOTAP_MORE        0x80 /* of the last octet of a word: another one follows */
#define RADIOTAP_TSFT        0x01 /* of the first octet of the first word */
#define RADIOTAP_FLAGS       0x02
#define RADIOTAP_TSFT_BYTES  8
#define RADIOTAP_IS_ALIGNED  0x20 /* of the flags */

/* The flags in the radiotap header of BYTES at CURSOR, which does not move; 0: there are none. */
static __always_inline __u8 radiotap_flags(struct cursor *cursor, __u32 bytes)
{
    const struct position before = *cursor->at;
    const __u8 *octets = cursor_take(cursor, RADIOTAP_LEAST_BYTES);
    __u8 fields = octets ? octets[4] : 0, has_more = octets ? octets[7] & RADIOTAP_MORE : 0;
    __u8 flags = 0;
    __u32 skipped = 0;

    UNROLLED
    for (int i = 0; i < RADIOTAP_WORDS_MAX; i++) {
        octets = has_more ? cursor_take(cursor, RADIOTAP_WORD) : 0;
        has_more = octets ? octets[RADIOTAP_WORD - 1] & RADIOTAP_MORE : 0;
    }
    if (fields & RADIOTAP_TSFT)
        skipped = (before.offset - cursor->at->offset) % RADIOTAP_TSFT_BYTES + RADIOTAP_TSFT_BYTES;
    octets = cursor_take(cursor, skipped) ? cursor_peek(cursor, 1) : 0;
    if (octets && fields & RADIOTAP_FLAGS && cursor->at->offset - before.offset < bytes)
        flags = octets[0];
    *cursor->at = before;
    return flags;
}

/* Returns the EtherType that stands for LLC, or STOP(outcome). */
static __always_inline int radiotap_parse(struct frame *frame)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *header = cursor_peek(cursor, RADIOTAP_LEAST_BYTES);
    __u32 bytes, first;
    __u8 flags;
    int result;

    if (!header)
        return STOP(cursor_shortfall(cursor, RADIOTAP_LEAST_BYTES));
    bytes = load_le16(header + 2);
    if (header[0] != RADIOTAP_VERSION || bytes < RADIOTAP_LEAST_BYTES)
        return STOP(OUTCOME_MALFORMED);
    flags = radiotap_flags(cursor, bytes);
    if (!cursor_take(cursor, bytes))
        return STOP(cursor_shortfall(cursor, bytes));
    first = cursor->at->offset;
    result = ieee_802_11_parse(frame);
    bytes = (first - cursor->at->offset) % RADIOTAP_WORD;
    if (result >= 0 && flags & RADIOTAP_IS_ALIGNED && !cursor_take(cursor, bytes))
        return STOP(cursor_shortfall(cursor, bytes));
    return result;
}

#endif
