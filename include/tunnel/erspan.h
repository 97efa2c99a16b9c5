/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ERSPAN, draft-foschiano-erspan-03 section 4: what a switch mirrors, in GRE.
 *
 *   type I    (0x88BE, no sequence number in the GRE header) nothing
 *   type II   (0x88BE)
 *   |Ver=1|    VLAN     | COS |En |T|     Session ID      |  Reserved  |       Index        |
 *   type III  (0x22EB)
 *   |Ver=2|    VLAN     | COS |BSO|T|     Session ID      |            Timestamp            |
 *   |          SGT          |P|   FT    |    Hw ID    |D|Gra|O|  platform, 8 octets, with O |
 *
 * An Ethernet frame follows; in type III, with frame type (FT) 2, an IP packet.
 */
#ifndef GAPWATCH_TUNNEL_ERSPAN_H
#define GAPWATCH_TUNNEL_ERSPAN_H

#include "network/ip_version.h"
#include "tunnel/gre.h"

#define ERSPAN_2_BYTES         8
#define ERSPAN_3_BYTES         12
#define ERSPAN_PLATFORM_BYTES  8
#define ERSPAN_VERSION_2       1
#define ERSPAN_VERSION_3       2
#define ERSPAN_SESSION_MASK    0x03FF /* of octets 2 and 3 */
#define ERSPAN_HAS_PLATFORM    0x0001 /* of octets 10 and 11 */
#define ERSPAN_FRAME_TYPE_MASK 0x7C00
#define ERSPAN_FRAME_ETHERNET  0x0000
#define ERSPAN_FRAME_IP        0x0800

/* Takes the header of type II and sets *SESSION to its session ID. Returns as NAME_open() does
 * (tunnel/gre.h). */
static __always_inline int erspan_2_open(struct frame *frame, __u32 *session)
{
    const __u8 *header = cursor_take(&frame->cursor, ERSPAN_2_BYTES);

    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, ERSPAN_2_BYTES));
    if (header[0] >> 4 != ERSPAN_VERSION_2)
        return NOT_A_TUNNEL;
    *session = load_be16(header + 2) & ERSPAN_SESSION_MASK;
    return ETHERTYPE_BRIDGED;
}

/* As erspan_2_open(), for type III. */
static __always_inline int erspan_3_open(struct frame *frame, __u32 *session)
{
    const __u8 *header = cursor_take(&frame->cursor, ERSPAN_3_BYTES);
    __u16 kind;

    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, ERSPAN_3_BYTES));
    if (header[0] >> 4 != ERSPAN_VERSION_3)
        return NOT_A_TUNNEL;
    *session = load_be16(header + 2) & ERSPAN_SESSION_MASK;
    kind = load_be16(header + 10);
    if (kind & ERSPAN_HAS_PLATFORM && !cursor_take(&frame->cursor, ERSPAN_PLATFORM_BYTES))
        return STOP(cursor_shortfall(&frame->cursor, ERSPAN_PLATFORM_BYTES));
    if ((kind & ERSPAN_FRAME_TYPE_MASK) == ERSPAN_FRAME_ETHERNET)
        return ETHERTYPE_BRIDGED;
    return (kind & ERSPAN_FRAME_TYPE_MASK) == ERSPAN_FRAME_IP ? ip_version_parse(frame)
                                                              : NOT_A_TUNNEL;
}

/* See gre_open() in tunnel/gre.h. */
static __always_inline int erspan_open(struct frame *frame, int by)
{
    struct gre gre = {};
    __u32 session = 0;
    int status = gre_peek(frame, &gre);

    (void)by;
    if (status)
        return status;
    if (!gre_is_erspan(gre.type))
        return NOT_A_TUNNEL;
    status = gre_take(frame, &gre);
    if (status)
        return status;
    if (gre.type == GRE_TYPE_ERSPAN_3)
        status = erspan_3_open(frame, &session);
    else
        status = gre.flags & GRE_SEQUENCE ? erspan_2_open(frame, &session) : ETHERTYPE_BRIDGED;
    if (status >= 0 && gre.flags & GRE_SEQUENCE)
        mirror_note(frame, session, gre.sequence);
    return status;
}

#endif
