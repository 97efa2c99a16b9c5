/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Packets logged by Linux's netfilter, LINKTYPE_NFLOG of the tcpdump group.
 *
 *   | address family (1) | version 0 (1) | resource (2) | fields ... |
 *   field: | length with these 4 octets (2) | type (2) | value, padded to 4 octets |
 *
 * Length and type are in this host's byte order (libpcap swaps those of files). The field of type 9
 * is the packet; that of type 1 has its EtherType, in network byte order, in its first two octets.
 */
#ifndef GAPWATCH_LINK_NFLOG_H
#define GAPWATCH_LINK_NFLOG_H

#include "link/loopback.h"

#define NFLOG_BYTES        4
#define NFLOG_VERSION      0
#define NFLOG_FIELD_BYTES  4
#define NFLOG_FIELDS_MAX   24
#define NFLOG_FIELD_HEADER 1
#define NFLOG_FIELD_PACKET 9
#define NFLOG_HEADER_BYTES 4
#define NFLOG_PADDED_TO    4

/* Takes the value of a field of TYPE. Sets *ETHERTYPE when the field has it and the address family
 * did not give it. Returns 0, or STOP(outcome). */
static __always_inline int nflog_take_value(struct frame *frame, __u32 type, __u32 length,
                                            int *ethertype)
{
    struct cursor *cursor = &frame->cursor;
    __u32 padded = (length + NFLOG_PADDED_TO - 1) / NFLOG_PADDED_TO * NFLOG_PADDED_TO;
    const __u8 *value;

    if (type == NFLOG_FIELD_HEADER && length == NFLOG_HEADER_BYTES && !*ethertype) {
        value = cursor_take(cursor, NFLOG_HEADER_BYTES);
        if (!value)
            return STOP(cursor_shortfall(cursor, NFLOG_HEADER_BYTES));
        *ethertype = load_be16(value);
        return 0;
    }
    return cursor_take(cursor, padded) ? 0 : STOP(cursor_shortfall(cursor, padded));
}

/* Takes a field, but for the packet. Returns 1 when that begins, 0, or STOP(outcome). */
static __always_inline int nflog_take_field(struct frame *frame, int *ethertype)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *field = cursor_take(cursor, NFLOG_FIELD_BYTES);
    __u32 length, type;

    if (!field)
        return STOP(cursor_shortfall(cursor, NFLOG_FIELD_BYTES));
    length = LOAD_RAW(__u16, field);
    if (length < NFLOG_FIELD_BYTES)
        return STOP(OUTCOME_MALFORMED);
    length -= NFLOG_FIELD_BYTES;
    type = LOAD_RAW(__u16, field + 2);
    if (type != NFLOG_FIELD_PACKET)
        return nflog_take_value(frame, type, length, ethertype);
    cursor_limit(cursor, length);
    return 1;
}

/* Returns the EtherType of the packet, or STOP(outcome). */
static __always_inline int nflog_parse(struct frame *frame)
{
    const __u8 *header = cursor_take(&frame->cursor, NFLOG_BYTES);
    int ethertype = ETHERTYPE_LLC;

    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, NFLOG_BYTES));
    if (header[1] != NFLOG_VERSION)
        return STOP(OUTCOME_NOT_IP);
    if (header[0] == FAMILY_INET)
        ethertype = ETHERTYPE_IPV4;
    else if (header[0] == FAMILY_INET6_LINUX)
        ethertype = ETHERTYPE_IPV6;
    UNROLLED
    for (int fields = 0; fields < NFLOG_FIELDS_MAX; fields++) {
        int status = nflog_take_field(frame, &ethertype);

        if (status < 0)
            return status;
        if (status)
            return ethertype < ETHERTYPE_FIRST ? STOP(OUTCOME_NOT_IP) : ethertype;
    }
    return STOP(OUTCOME_TOO_DEEP);
}

#endif
