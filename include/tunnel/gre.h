/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * GRE, RFC 2784 section 2.1 and RFC 2890 section 2.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |C|R|K|S|          0            | Ver |         Protocol type         |
 *   |         Checksum (with C)           |           Reserved            |
 *   |                           Key (with K)                              |
 *   |                     Sequence number (with S)                        |
 *
 * The protocol type is an EtherType. Version 1 (PPTP) and source routes (R, RFC 1701) are not
 * opened.
 */
#ifndef GAPWATCH_TUNNEL_GRE_H
#define GAPWATCH_TUNNEL_GRE_H

#include "mirror.h"
#include "network/inside.h"

#define GRE_WORD_BYTES    4
#define GRE_CHECKSUM      0x8000
#define GRE_ROUTING       0x4000
#define GRE_KEY           0x2000
#define GRE_SEQUENCE      0x1000
#define GRE_VERSION       0x0007
#define GRE_TYPE_ERSPAN   0x88BE /* types I and II */
#define GRE_TYPE_ERSPAN_3 0x22EB

struct gre {
    __u32 type;
    __u32 flags;
    __u32 key;
    __u32 sequence;
};

/* Whether the protocol TYPE of a GRE header is ERSPAN. */
static __always_inline int gre_is_erspan(__u32 type)
{
    return type == GRE_TYPE_ERSPAN || type == GRE_TYPE_ERSPAN_3;
}

/* Takes the next word of the header when FLAG says that it is there. Returns 0, or STOP(outcome).
 */
static __always_inline int gre_take_word(struct frame *frame, const struct gre *gre, __u32 flag,
                                         __u32 *word)
{
    const __u8 *octets;

    if (!(gre->flags & flag))
        return 0;
    octets = cursor_take(&frame->cursor, GRE_WORD_BYTES);
    if (!octets)
        return STOP(cursor_shortfall(&frame->cursor, GRE_WORD_BYTES));
    *word = load_be32(octets);
    return 0;
}

/* Fills in GRE's type and flags and takes nothing. Returns 0, or as NAME_open() does. */
static __always_inline int gre_peek(struct frame *frame, struct gre *gre)
{
    const __u8 *first = cursor_peek(&frame->cursor, GRE_WORD_BYTES);

    if (!first)
        return STOP(cursor_shortfall(&frame->cursor, GRE_WORD_BYTES));
    gre->flags = load_be16(first);
    gre->type = load_be16(first + 2);
    return gre->flags & (GRE_ROUTING | GRE_VERSION) ? NOT_A_TUNNEL : 0;
}

/* Takes the header of which gre_peek() told the flags. Returns 0, or STOP(outcome). */
static __always_inline int gre_take(struct frame *frame, struct gre *gre)
{
    __u32 checksum;
    int status;

    cursor_take(&frame->cursor, GRE_WORD_BYTES);
    status = gre_take_word(frame, gre, GRE_CHECKSUM, &checksum);
    if (status == 0)
        status = gre_take_word(frame, gre, GRE_KEY, &gre->key);
    if (status == 0)
        status = gre_take_word(frame, gre, GRE_SEQUENCE, &gre->sequence);
    return status;
}

/*
 * Every NAME_open(FRAME, BY) takes the header of a tunnel that was found by the IP protocol or UDP
 * port BY. Returns what is inside from the cursor on: an EtherType or one of enum inside
 * (network/inside.h). Else NOT_A_TUNNEL, or STOP(outcome).
 */
static __always_inline int gre_open(struct frame *frame, int by)
{
    struct gre gre = {};
    int status = gre_peek(frame, &gre);

    (void)by;
    if (status)
        return status;
    if (gre_is_erspan(gre.type) || gre.type < ETHERTYPE_FIRST)
        return NOT_A_TUNNEL;
    status = gre_take(frame, &gre);
    if (status)
        return status;
    if (gre.flags & GRE_SEQUENCE)
        mirror_note(frame, gre.key, gre.sequence);
    return (int)gre.type;
}

#endif
