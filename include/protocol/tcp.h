/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * TCP, RFC 9293 section 3.1.
 *
 *   | source port (2) | destination port (2) | sequence (4) | acknowledgement (4) | ... at least 20
 *
 * TCP numbers octets and retransmits them, so its numbers do not show lost frames and are not
 * tracked.
 */
#ifndef GAPWATCH_PROTOCOL_TCP_H
#define GAPWATCH_PROTOCOL_TCP_H

#include "protocol/ports.h"

#define TCP_HEADER_BYTES 20
#define TCP_DATA_OFFSET  12 /* offset of the octet whose upper half is the length in words */

/* The length of HEADER with its options, in octets. */
static __always_inline __u32 tcp_header_bytes(const __u8 *header)
{
    __u32 bytes = (header[TCP_DATA_OFFSET] >> 4) * 4u;

    return bytes > TCP_HEADER_BYTES ? bytes : TCP_HEADER_BYTES;
}

/* Returns TCP, or why the frame belongs to no flow. */
static __always_inline enum outcome tcp_classify(struct frame *frame)
{
    if (frame->cursor.at->left < TCP_HEADER_BYTES && !frame->walk->fragmented)
        return OUTCOME_MALFORMED;
    return ports_parse(frame, OUTCOME_TCP);
}

#endif
