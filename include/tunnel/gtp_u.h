/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * GTP-U, 3GPP TS 29.281 sections 5.1 and 5.2.
 *
 *   | Ver (3) PT 0 E S PN | message type (1) | length of what follows (2) | TEID (4) |
 *   with any of E, S, PN:  | sequence number (2) | N-PDU (1) | next extension (1) |
 *   extension:             | length in words of 4 octets (1) | ... | next extension (1) |
 *
 * A message of type 255 (G-PDU) carries an IP packet.
 */
#ifndef GAPWATCH_TUNNEL_GTP_U_H
#define GAPWATCH_TUNNEL_GTP_U_H

#include "network/inside.h"
#include "network/ip_version.h"

#define GTP_U_BYTES            8
#define GTP_U_OPTION_BYTES     4
#define GTP_U_VERSION_MASK     0xF8 /* PT and what is 0 */
#define GTP_U_VERSION_1        0x30
#define GTP_U_OPTIONS          0x07 /* E, S, PN */
#define GTP_U_HAS_EXTENSION    0x04
#define GTP_U_G_PDU            255
#define GTP_U_EXTENSIONS_MAX   4
#define GTP_U_EXTENSION_UNIT   4
#define GTP_U_EXTENSION_LENGTH 1 /* octets of the field */

/* Takes an extension header. Returns the type of the next, 0 when there is none, or STOP(outcome).
 */
static __always_inline int gtp_u_take_extension(struct frame *frame)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *octets = cursor_peek(cursor, GTP_U_EXTENSION_LENGTH);
    __u32 before;

    if (!octets)
        return STOP(cursor_shortfall(cursor, GTP_U_EXTENSION_LENGTH));
    if (!octets[0])
        return STOP(OUTCOME_MALFORMED);
    before = octets[0] * (__u32)GTP_U_EXTENSION_UNIT - 1;
    if (!cursor_take(cursor, before))
        return STOP(cursor_shortfall(cursor, before));
    octets = cursor_take(cursor, 1);
    return octets ? octets[0] : STOP(cursor_shortfall(cursor, 1));
}

/* Takes what follows the fixed part. Returns 0, or STOP(outcome). */
static __always_inline int gtp_u_take_options(struct frame *frame, __u32 flags)
{
    const __u8 *options = cursor_take(&frame->cursor, GTP_U_OPTION_BYTES);
    int next;

    if (!options)
        return STOP(cursor_shortfall(&frame->cursor, GTP_U_OPTION_BYTES));
    next = flags & GTP_U_HAS_EXTENSION ? options[3] : 0;
    UNROLLED
    for (int extensions = 0; extensions < GTP_U_EXTENSIONS_MAX; extensions++) {
        if (next <= 0)
            return next;
        next = gtp_u_take_extension(frame);
    }
    return next > 0 ? STOP(OUTCOME_TOO_DEEP) : next;
}

/* See gre_open() in tunnel/gre.h. */
static __always_inline int gtp_u_open(struct frame *frame, int by)
{
    const __u8 *header = cursor_take(&frame->cursor, GTP_U_BYTES);
    __u32 flags, length;
    int status;

    (void)by;
    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, GTP_U_BYTES));
    flags = header[0];
    length = load_be16(header + 2);
    if ((flags & GTP_U_VERSION_MASK) != GTP_U_VERSION_1 || header[1] != GTP_U_G_PDU ||
        length + GTP_U_BYTES > frame->walk->datagram)
        return NOT_A_TUNNEL;
    cursor_limit(&frame->cursor, length);
    if (flags & GTP_U_OPTIONS) {
        status = gtp_u_take_options(frame, flags);
        if (status < 0)
            return status;
    }
    return ip_version_parse(frame);
}

#endif
