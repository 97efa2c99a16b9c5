/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Headers between an Ethernet header and a payload, in any order: VLAN tags, LLC/SNAP, and tags of
 * switches, which are skipped.
 *
 *   CMD      Cisco MetaData, the security group tag
 *            | version (1) | length (1) | option (2) | SGT (2) |
 *
 *   VN tag   Cisco, before 802.1BR
 *            | direction, interfaces (4) |
 *
 *   E tag    IEEE 802.1BR clause 7.5
 *            | priority, port identifiers (6) |
 *
 *   R tag    IEEE 802.1CB clause 7.8
 *            | reserved (2) | sequence number (2) |
 *
 * Each is followed by the next EtherType.
 */
#ifndef GAPWATCH_NETWORK_TAGS_H
#define GAPWATCH_NETWORK_TAGS_H

#include "network/llc.h"
#include "network/vlan.h"

#define TAGS_MAX        8
#define ETHERTYPE_BYTES 2

/* Octets of the tag of ETHERTYPE in front of the next EtherType; 0: it is none of these. */
static __always_inline __u32 tag_bytes(int ethertype)
{
    switch (ethertype) {
    case ETHERTYPE_CMD:
    case ETHERTYPE_E_TAG:
        return 6;
    case ETHERTYPE_VN_TAG:
    case ETHERTYPE_R_TAG:
        return 4;
    default:
        return 0;
    }
}

/* Takes a tag of BYTES. Returns the EtherType behind it, or STOP(outcome). */
static __always_inline int tag_skip(struct frame *frame, __u32 bytes)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *next;

    if (!cursor_take(cursor, bytes))
        return STOP(cursor_shortfall(cursor, bytes));
    next = cursor_take(cursor, ETHERTYPE_BYTES);
    return next ? load_be16(next) : STOP(cursor_shortfall(cursor, ETHERTYPE_BYTES));
}

/* Whether tag_parse() takes what ETHERTYPE announces. */
static __always_inline int is_tag(int ethertype)
{
    return is_llc(ethertype) || is_vlan(ethertype) || tag_bytes(ethertype);
}

/* Takes the tag of ETHERTYPE. Returns the EtherType behind it, or STOP(outcome). */
static __always_inline int tag_parse(struct frame *frame, int ethertype)
{
    if (is_llc(ethertype))
        return llc_parse(frame, (__u32)ethertype);
    if (is_vlan(ethertype))
        return vlan_parse(frame);
    return tag_skip(frame, tag_bytes(ethertype));
}

/* Returns the EtherType behind the VLAN tags (the one given when there are none), or STOP(outcome).
 */
static __always_inline int vlans_parse(struct frame *frame, int ethertype)
{
    UNROLLED
    for (int tags = 0; tags <= VLAN_TAGS_MAX; tags++) {
        if (!is_vlan(ethertype))
            return ethertype;
        ethertype = vlan_parse(frame);
    }
    return ethertype;
}

/* As vlans_parse(), for tags of all kinds; STOP(OUTCOME_TOO_DEEP) behind more than TAGS_MAX. */
static __always_inline int tags_parse(struct frame *frame, int ethertype)
{
    UNROLLED
    for (int tags = 0; tags < TAGS_MAX; tags++) {
        if (ethertype < 0 || !is_tag(ethertype))
            return ethertype;
        ethertype = tag_parse(frame, ethertype);
    }
    return ethertype >= 0 && is_tag(ethertype) ? STOP(OUTCOME_TOO_DEEP) : ethertype;
}

#endif
