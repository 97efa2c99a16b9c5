/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * IPv4, RFC 791 section 3.1.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |Version|  IHL  |Type of service|         Total length          |
 *   |        Identification         |Flags|     Fragment offset     |
 *   |  Time to live |   Protocol    |        Header checksum        |
 *   |                        Source address                         |
 *   |                     Destination address                       |
 *   |                    Options (IHL - 5 words)                    |
 */
#ifndef GAPWATCH_NETWORK_IPV4_H
#define GAPWATCH_NETWORK_IPV4_H

#include "frame.h"

#define IPV4_HEADER_BYTES         20
#define IPV4_FRAGMENT_OFFSET_MASK 0x1FFF
#define IPV4_MORE_FRAGMENTS       0x2000

/* Fills in the record's addresses. Returns the IP protocol that follows, or STOP(outcome). */
static __always_inline int ipv4_parse(struct frame *frame)
{
    struct cursor *cursor = &frame->cursor;
    struct flow_key *key = &frame->record->key;
    const __u8 *header = cursor_take(cursor, IPV4_HEADER_BYTES);
    __u32 header_bytes, total_bytes, option_bytes;
    __u16 fragment;

    if (!header)
        return STOP(cursor_shortfall(cursor, IPV4_HEADER_BYTES));
    header_bytes = (header[0] & 0x0Fu) * 4u;
    total_bytes = load_be16(header + 2);
    if (header[0] >> 4 != 4 || header_bytes < IPV4_HEADER_BYTES)
        return STOP(OUTCOME_MALFORMED);
    /* Packets that the NIC will segment are captured with a total length of 0. */
    if (total_bytes) {
        if (total_bytes < header_bytes)
            return STOP(OUTCOME_MALFORMED);
        cursor_limit(cursor, total_bytes - IPV4_HEADER_BYTES);
    }
    fragment = load_be16(header + 6);
    if (fragment & IPV4_FRAGMENT_OFFSET_MASK)
        return STOP(OUTCOME_FRAGMENT);
    if (fragment & IPV4_MORE_FRAGMENTS)
        frame->walk->fragmented = 1;
    option_bytes = header_bytes - IPV4_HEADER_BYTES;
    if (!cursor_take(cursor, option_bytes))
        return STOP(cursor_shortfall(cursor, option_bytes));
    key->family = 4;
    copy_octets_4(key->source, header + 12);
    copy_octets_4(key->destination, header + 16);
    return header[9];
}

#endif
