/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * UDP, RFC 768.
 *
 *   | source port (2) | destination port (2) | length (2) | checksum (2) | payload
 */
#ifndef GAPWATCH_PROTOCOL_UDP_H
#define GAPWATCH_PROTOCOL_UDP_H

#include "protocol/ports.h"

#define UDP_HEADER_BYTES 8
#define UDP_REST_BYTES   4 /* behind the ports */

/* Returns UDP, or why the frame belongs to no flow. */
static __always_inline enum outcome udp_classify(struct frame *frame)
{
    if (frame->cursor.at->left < UDP_HEADER_BYTES)
        return OUTCOME_MALFORMED;
    return ports_parse(frame, OUTCOME_UDP);
}

/* Takes the rest of the header, so that the payload is next. Returns OUTCOME_NONE, or why it could
 * not. */
static __always_inline enum outcome udp_open_payload(struct frame *frame)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *rest = cursor_take(cursor, UDP_REST_BYTES);
    __u16 length;

    if (!rest)
        return cursor_shortfall(cursor, UDP_REST_BYTES);
    length = load_be16(rest);
    if (length >= UDP_HEADER_BYTES)
        cursor_limit(cursor, length - (__u32)UDP_HEADER_BYTES);
    frame->walk->datagram = frame->walk->fragmented && length >= UDP_HEADER_BYTES
                                ? length - (__u32)UDP_HEADER_BYTES
                                : cursor->at->left;
    frame->walk->in_udp = 1;
    return OUTCOME_NONE;
}

#endif
