/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Packets logged by Linux's netfilter, LINKTYPE_NFLOG of the tcpdump group.
 *
 *   | address family (1) | version 0 (1) | resource (2) | fields ... |
 *   field: | length with these 4 octets (2) | type (2) | value, padded to 4 octets |
 *
 * Length and type are in this host's byte order (libpcap swaps those of files). The field of type 9
 * is the IP packet.
 */
#ifndef GAPWATCH_LINK_NFLOG_H
#define GAPWATCH_LINK_NFLOG_H

#include "link/loopback.h"
#include "network/ip_version.h"

#define NFLOG_BYTES        4
#define NFLOG_VERSION      0
#define NFLOG_FIELD_BYTES  4
#define NFLOG_FIELDS_MAX   24
#define NFLOG_FIELD_PACKET 9
#define NFLOG_PADDED_TO    4

/* Takes a field. Returns 1 when the packet begins behind it, 0, or STOP(outcome). */
static __always_inline int nflog_take_field(struct frame *frame)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *field = cursor_take(cursor, NFLOG_FIELD_BYTES);
    __u32 length, padded;

    if (!field)
        return STOP(cursor_shortfall(cursor, NFLOG_FIELD_BYTES));
    length = LOAD_RAW(__u16, field);
    if (length < NFLOG_FIELD_BYTES)
        return STOP(OUTCOME_MALFORMED);
    length -= NFLOG_FIELD_BYTES;
    if (LOAD_RAW(__u16, field + 2) == NFLOG_FIELD_PACKET) {
        cursor_limit(cursor, length);
        return 1;
    }
    padded = (length + NFLOG_PADDED_TO - 1) / NFLOG_PADDED_TO * NFLOG_PADDED_TO;
    return cursor_take(cursor, padded) ? 0 : STOP(cursor_shortfall(cursor, padded));
}

/* Returns the EtherType of the packet, or STOP(outcome). */
static __always_inline int nflog_parse(struct frame *frame)
{
    const __u8 *header = cursor_take(&frame->cursor, NFLOG_BYTES);

    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, NFLOG_BYTES));
    if (header[1] != NFLOG_VERSION)
        return STOP(OUTCOME_NOT_IP);
    if (header[0] != FAMILY_INET && header[0] != FAMILY_INET6_LINUX)
        return STOP(OUTCOME_NOT_IP);
    UNROLLED
    for (int fields = 0; fields < NFLOG_FIELDS_MAX; fields++) {
        int status = nflog_take_field(frame);

        if (status)
            return status < 0 ? status : ip_version_parse(frame);
    }
    return STOP(OUTCOME_TOO_DEEP);
}

#endif
