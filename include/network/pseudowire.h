/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What follows an MPLS label stack: an IP packet, or the Ethernet frame of a pseudowire (RFC 4448
 * section 4.6), with or without a control word (RFC 4385 section 3) in front of it:
 *
 *   |0 0 0 0| flags (4) |FRG| length (6) |       sequence number        |
 *
 * Nothing names which it is. The first four bits are 4 or 6 of IP and 0 of the control word, but
 * the frame's destination address may begin with any: so an EtherType that we know has to stand in
 * its place, and what begins like an IP packet is one when its length fits. Behind a VLAN tag an
 * EtherType stands where one would be behind a control word, too: then the tag decides.
 */
#ifndef GAPWATCH_NETWORK_PSEUDOWIRE_H
#define GAPWATCH_NETWORK_PSEUDOWIRE_H

#include "network/inside.h"
#include "network/ip_version.h"
#include "network/tags.h"

#define CONTROL_WORD_BYTES      4
#define PSEUDOWIRE_TYPE_OFFSET  12 /* of the EtherType in an Ethernet header */
#define PSEUDOWIRE_LOOK_BYTES   14
#define PSEUDOWIRE_IPV6_HEADER  40
#define PSEUDOWIRE_PADDED_BYTES 46 /* a packet as short as this may be followed by padding */

/* Whether ETHERTYPE is one that a frame in a pseudowire is expected to have. */
static __always_inline int pseudowire_is_known(int ethertype)
{
    return ethertype == ETHERTYPE_IPV4 || ethertype == ETHERTYPE_IPV6 ||
           ethertype == ETHERTYPE_MACSEC || ethertype == ETHERTYPE_MPLS ||
           ethertype == ETHERTYPE_PPPOE_SESSION || (!is_llc(ethertype) && is_tag(ethertype));
}

/* Whether the IP packet of which HEADER is the start would be as long as what is left. */
static __always_inline int ip_length_fits(const struct frame *frame, const __u8 *header)
{
    __u32 left = frame->cursor.at->left;
    __u32 length = header[0] >> 4 == 4 ? load_be16(header + 2)
                                       : load_be16(header + 4) + PSEUDOWIRE_IPV6_HEADER;

    return length == left || (length < left && left <= PSEUDOWIRE_PADDED_BYTES);
}

/* The Ethernet frame of a pseudowire begins at the cursor. */
static __always_inline int pseudowire_has_frame(const struct frame *frame)
{
    const __u8 *start = cursor_peek(&frame->cursor, PSEUDOWIRE_LOOK_BYTES);

    return start && pseudowire_is_known(load_be16(start + PSEUDOWIRE_TYPE_OFFSET));
}

/* Whether the frame of a pseudowire without a control word, which begins with START, has a tag. */
static __always_inline int pseudowire_has_tag(const __u8 *start)
{
    int ethertype = load_be16(start + PSEUDOWIRE_TYPE_OFFSET);

    return !is_llc(ethertype) && is_tag(ethertype);
}

/* Whether a control word, and a frame behind it, begin with START, of PSEUDOWIRE_LOOK_BYTES.
 * Returns 1, 0, or STOP(outcome) when that cannot be told. */
static __always_inline int pseudowire_has_control_word(const struct frame *frame, const __u8 *start)
{
    const __u32 bytes = CONTROL_WORD_BYTES + PSEUDOWIRE_LOOK_BYTES;

    if (start[0] >> 4 || pseudowire_has_tag(start))
        return 0;
    start = cursor_peek(&frame->cursor, bytes);
    if (!start)
        return STOP(cursor_shortfall(&frame->cursor, bytes));
    return pseudowire_is_known(load_be16(start + CONTROL_WORD_BYTES + PSEUDOWIRE_TYPE_OFFSET));
}

/* Goes to the frame of a pseudowire. Returns 0, or STOP(outcome). */
static __always_inline int pseudowire_parse(struct frame *frame)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *start = cursor_peek(cursor, PSEUDOWIRE_LOOK_BYTES);
    int has_control_word;

    if (!start)
        return STOP(cursor_shortfall(cursor, PSEUDOWIRE_LOOK_BYTES));
    has_control_word = pseudowire_has_control_word(frame, start);
    if (has_control_word < 0)
        return has_control_word;
    if (has_control_word)
        cursor_take(cursor, CONTROL_WORD_BYTES);
    else if (!pseudowire_has_frame(frame))
        return STOP(OUTCOME_NOT_IP);
    return 0;
}

/* Returns the EtherType behind the labels, INSIDE_LABELS when the next look has to find out whether
 * a pseudowire's frame follows, or STOP(outcome). */
static __always_inline int behind_labels_parse(struct frame *frame)
{
    int ethertype = ip_version_parse(frame);
    const __u8 *start;

    if (stopped(ethertype) == OUTCOME_NOT_IP)
        return INSIDE_LABELS;
    start = cursor_peek(&frame->cursor, PSEUDOWIRE_LOOK_BYTES);
    if (ethertype < 0 || !start || ip_length_fits(frame, start) || !pseudowire_has_frame(frame))
        return ethertype;
    return INSIDE_LABELS;
}

#endif
