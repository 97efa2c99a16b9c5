/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * PPP, RFC 1661 section 2 and the HDLC-like framing of RFC 1662 section 3.1.
 *
 *   | [0xFF address | 0x03 control] | protocol (1 or 2) | payload
 *
 * Address and control may be absent (RFC 1661 6.6).
 */
#ifndef GAPWATCH_LINK_PPP_H
#define GAPWATCH_LINK_PPP_H

#include "frame.h"
#include "network/ppp_protocol.h"

#define PPP_FRAMING_BYTES 2
#define PPP_ADDRESS       0xFF
#define PPP_CONTROL       0x03

/* Takes address and control if they are present. Returns 0, or STOP(outcome). */
static __always_inline int ppp_framing_parse(struct frame *frame)
{
    const __u8 *octets = cursor_peek(&frame->cursor, 1);

    if (!octets)
        return STOP(cursor_shortfall(&frame->cursor, 1));
    if (*octets != PPP_ADDRESS) /* no protocol number starts with 0xFF */
        return 0;
    octets = cursor_take(&frame->cursor, PPP_FRAMING_BYTES);
    if (!octets)
        return STOP(cursor_shortfall(&frame->cursor, PPP_FRAMING_BYTES));
    return octets[1] == PPP_CONTROL ? 0 : STOP(OUTCOME_NOT_IP);
}

/* Returns the EtherType that stands for the PPP protocol, or STOP(outcome). */
static __always_inline int ppp_parse(struct frame *frame)
{
    int framing = ppp_framing_parse(frame);

    return framing < 0 ? framing : ppp_protocol_parse(frame);
}

#endif
