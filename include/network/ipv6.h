/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * IPv6, RFC 8200 section 3, and the extension headers of section 4, up to eight.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |Version| Traffic class |           Flow label                  |
 *   |         Payload length        |  Next header  |   Hop limit   |
 *   |                  Source address (16 octets)                   |
 *   |               Destination address (16 octets)                 |
 *
 *   hop-by-hop, routing, destination options (4.3, 4.4, 4.6): | next header | length | ...
 *       the length is in units of 8 octets and does not count the first 8
 *   fragment (4.5): | next header | reserved | offset (13 bits), reserved, M | identification |
 */
#ifndef GAPWATCH_NETWORK_IPV6_H
#define GAPWATCH_NETWORK_IPV6_H

#include "frame.h"

#define IPV6_HEADER_BYTES         40
#define IPV6_EXTENSIONS_MAX       8
#define IPV6_EXTENSION_UNIT       8
#define IPV6_HOP_BY_HOP           0
#define IPV6_ROUTING              43
#define IPV6_FRAGMENT             44
#define IPV6_DESTINATION_OPTIONS  60
#define IPV6_FRAGMENT_OFFSET_MASK 0xFFF8
#define IPV6_MORE_FRAGMENTS       0x0001

/* Whether NEXT is the type of an extension header that is skipped. */
static __always_inline int is_ipv6_extension(int next)
{
    return next == IPV6_HOP_BY_HOP || next == IPV6_ROUTING || next == IPV6_FRAGMENT ||
           next == IPV6_DESTINATION_OPTIONS;
}

/* Takes one extension header of type NEXT. Returns the type of what follows, or STOP(outcome). */
static __always_inline int ipv6_extension_parse(struct frame *frame, int next)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *header = cursor_take(cursor, IPV6_EXTENSION_UNIT);
    __u32 rest;

    if (!header)
        return STOP(cursor_shortfall(cursor, IPV6_EXTENSION_UNIT));
    if (next == IPV6_FRAGMENT) {
        if (load_be16(header + 2) & IPV6_FRAGMENT_OFFSET_MASK)
            return STOP(OUTCOME_FRAGMENT);
        if (load_be16(header + 2) & IPV6_MORE_FRAGMENTS)
            frame->walk->fragmented = 1;
        return header[0];
    }
    rest = header[1] * (__u32)IPV6_EXTENSION_UNIT;
    if (!cursor_take(cursor, rest))
        return STOP(cursor_shortfall(cursor, rest));
    return header[0];
}

/* Fills in the record's addresses. Returns the IP protocol that follows, or STOP(outcome). */
static __always_inline int ipv6_parse(struct frame *frame)
{
    struct cursor *cursor = &frame->cursor;
    struct flow_key *key = &frame->record->key;
    const __u8 *header = cursor_take(cursor, IPV6_HEADER_BYTES);
    __u16 payload_bytes;
    int next;

    if (!header)
        return STOP(cursor_shortfall(cursor, IPV6_HEADER_BYTES));
    if (header[0] >> 4 != 6)
        return STOP(OUTCOME_MALFORMED);
    payload_bytes = load_be16(header + 4);
    if (payload_bytes) /* 0: a jumbogram (RFC 2675), or a packet that the NIC will segment */
        cursor_limit(cursor, payload_bytes);
    key->family = 6;
    copy_octets_16(key->source, header + 8);
    copy_octets_16(key->destination, header + 24);
    next = header[6];
    UNROLLED
    for (int extensions = 0; extensions < IPV6_EXTENSIONS_MAX; extensions++) {
        if (!is_ipv6_extension(next))
            return next;
        next = ipv6_extension_parse(frame, next);
    }
    return is_ipv6_extension(next) ? STOP(OUTCOME_TOO_DEEP) : next;
}

#endif
