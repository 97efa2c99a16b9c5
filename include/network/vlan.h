/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * VLAN tags, IEEE 802.1Q clause 9, up to four in a row.
 *
 *   | [EtherType of the tag (2)] | priority, DEI, VLAN id (2) | next EtherType (2) |
 */
#ifndef GAPWATCH_NETWORK_VLAN_H
#define GAPWATCH_NETWORK_VLAN_H

#include "frame.h"
#include "network/ethertype.h"

#define VLAN_TAG_BYTES 4
#define VLAN_TAGS_MAX  4

/* Marks the TCI of a VLAN tag that the NIC or the kernel removed from the frame. */
#define VLAN_STRIPPED 0x10000u

/* Whether a VLAN tag follows ETHERTYPE. */
static __always_inline int is_vlan(int ethertype)
{
    return ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_SERVICE_VLAN ||
           ethertype == ETHERTYPE_LEGACY_QINQ || ethertype == ETHERTYPE_LEGACY_QINQ_2;
}

/* Adds the VLAN id of TCI to the walk. A priority tag (802.1Q 9.6) has none. */
static __always_inline void vlan_note(struct walk *walk, __u32 tci)
{
    if (tci & VLAN_ID_MASK)
        walk->vlans = walk->vlans << VLAN_ID_BITS | (tci & VLAN_ID_MASK);
}

/* Takes a tag. Returns the EtherType behind it, or STOP(outcome). */
static __always_inline int vlan_parse(struct frame *frame)
{
    struct walk *walk = frame->walk;
    const __u8 *tag;

    if (walk->vlan_tags >= VLAN_TAGS_MAX)
        return STOP(OUTCOME_TOO_DEEP);
    tag = cursor_take(&frame->cursor, VLAN_TAG_BYTES);
    if (!tag)
        return STOP(cursor_shortfall(&frame->cursor, VLAN_TAG_BYTES));
    walk->vlan_tags++;
    vlan_note(walk, load_be16(tag));
    return load_be16(tag + 2);
}

#endif
