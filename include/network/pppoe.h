/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * PPPoE session, RFC 2516 section 4.
 *
 *   | version 1, type 1 (1) | code 0 (1) | session id (2) | length (2) | PPP protocol (1 or 2) |
 * payload
 *
 * The length includes the PPP protocol field.
 */
#ifndef GAPWATCH_NETWORK_PPPOE_H
#define GAPWATCH_NETWORK_PPPOE_H

#include "frame.h"
#include "network/ppp_protocol.h"

#define PPPOE_HEADER_BYTES     6
#define PPPOE_VERSION_AND_TYPE 0x11
#define PPPOE_CODE_SESSION     0

/* Returns the EtherType that stands for the PPP protocol, or STOP(outcome). */
static __always_inline int pppoe_parse(struct frame *frame)
{
    const __u8 *header = cursor_take(&frame->cursor, PPPOE_HEADER_BYTES);

    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, PPPOE_HEADER_BYTES));
    if (header[0] != PPPOE_VERSION_AND_TYPE || header[1] != PPPOE_CODE_SESSION)
        return STOP(OUTCOME_MALFORMED);
    cursor_limit(&frame->cursor, load_be16(header + 4));
    return ppp_protocol_parse(frame);
}

#endif
