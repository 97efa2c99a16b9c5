/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* AH in front of another protocol, which may number its frames itself (protocol/ah.h). */
#ifndef GAPWATCH_TUNNEL_AH_H
#define GAPWATCH_TUNNEL_AH_H

#include "network/inside.h"
#include "protocol/ah.h"

/* See gre_open() in tunnel/gre.h. */
static __always_inline int ah_open(struct frame *frame, int by)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *header = cursor_take(cursor, AH_FIXED_BYTES);
    __u32 bytes, next;

    (void)by;
    if (!header)
        return STOP(cursor_shortfall(cursor, AH_FIXED_BYTES));
    next = header[0];
    bytes = (header[1] + AH_WORDS_UNCOUNTED) * AH_WORD_BYTES;
    if (bytes < AH_FIXED_BYTES)
        return STOP(OUTCOME_MALFORMED);
    if (!cursor_take(cursor, bytes - AH_FIXED_BYTES))
        return STOP(cursor_shortfall(cursor, bytes - AH_FIXED_BYTES));
    return (int)(INSIDE_IP_PROTOCOL | next);
}

#endif
