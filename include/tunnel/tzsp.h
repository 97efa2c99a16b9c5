/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * TZSP (TaZmen Sniffer Protocol), which access points and MikroTik routers mirror with. There is no
 * standard; this is what tcpdump's, Wireshark's and MikroTik's pages agree on.
 *
 *   | version 1 (1) | type (1) | encapsulated protocol (2) | tags ... | the frame
 *   tag: | type (1) | length (1) | ... |; type 0 (padding) and 1 (the last one) have no length
 */
#ifndef GAPWATCH_TUNNEL_TZSP_H
#define GAPWATCH_TUNNEL_TZSP_H

#include "network/inside.h"

#define TZSP_BYTES           4
#define TZSP_VERSION         1
#define TZSP_RECEIVED        0 /* a frame that was seen */
#define TZSP_TO_TRANSMIT     1
#define TZSP_ETHERNET        1
#define TZSP_IEEE_802_11     18
#define TZSP_TAGS_MAX        16
#define TZSP_TAG_PADDING     0
#define TZSP_TAG_END         1
#define TZSP_TAG_LENGTH_BYTE 1

/* Takes a tag. Returns its type, or STOP(outcome). */
static __always_inline int tzsp_take_tag(struct frame *frame)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *octet = cursor_take(cursor, 1);
    __u32 length;
    int type;

    if (!octet)
        return STOP(cursor_shortfall(cursor, 1));
    type = octet[0];
    if (type == TZSP_TAG_PADDING || type == TZSP_TAG_END)
        return type;
    octet = cursor_take(cursor, TZSP_TAG_LENGTH_BYTE);
    if (!octet)
        return STOP(cursor_shortfall(cursor, TZSP_TAG_LENGTH_BYTE));
    length = octet[0];
    return cursor_take(cursor, length) ? type : STOP(cursor_shortfall(cursor, length));
}

/* Takes the tags. Returns 0, or STOP(outcome). */
static __always_inline int tzsp_take_tags(struct frame *frame)
{
    UNROLLED
    for (int tags = 0; tags < TZSP_TAGS_MAX; tags++) {
        int type = tzsp_take_tag(frame);

        if (type == TZSP_TAG_END)
            return 0;
        if (type < 0)
            return type;
    }
    return STOP(OUTCOME_TOO_DEEP);
}

/* See gre_open() in tunnel/gre.h. */
static __always_inline int tzsp_open(struct frame *frame, int by)
{
    const __u8 *header = cursor_take(&frame->cursor, TZSP_BYTES);
    __u32 protocol;
    int status;

    (void)by;
    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, TZSP_BYTES));
    protocol = load_be16(header + 2);
    if (header[0] != TZSP_VERSION || (header[1] != TZSP_RECEIVED && header[1] != TZSP_TO_TRANSMIT))
        return NOT_A_TUNNEL;
    if (protocol != TZSP_ETHERNET && protocol != TZSP_IEEE_802_11)
        return NOT_A_TUNNEL;
    status = tzsp_take_tags(frame);
    if (status < 0)
        return status;
    return protocol == TZSP_ETHERNET ? ETHERTYPE_BRIDGED : INSIDE_IEEE_802_11;
}

#endif
