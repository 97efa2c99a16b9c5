/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * LLC, IEEE 802.2 clause 3, and SNAP, RFC 1042: what follows an Ethernet header that has a length
 * in the EtherType's place (IEEE 802.3 3.2.6).
 *
 *   | DSAP 0xAA (1) | SSAP 0xAA (1) | control 0x03 (1) | organisation (3) | EtherType (2) |
 *
 * The EtherType is one when the organisation is 0, or 0000F8 (IEEE 802.1H).
 */
#ifndef GAPWATCH_NETWORK_LLC_H
#define GAPWATCH_NETWORK_LLC_H

#include "network/ethertype.h"

#define LLC_SNAP_BYTES     8
#define LLC_SAPS_BYTES     2
#define LLC_SNAP_SAPS      0xAAAA
#define LLC_UNNUMBERED     0x03
#define SNAP_ENCAPSULATED  0x000000
#define SNAP_BRIDGE_TUNNEL 0x0000F8
#define SNAP_ORGANISATION  0x00FFFFFF /* of octets 2 to 5 */

/* Whether the number in the EtherType's place is a length, so that LLC follows: IEEE 802.3 clause
 * 3.2.6. */
static __always_inline int is_llc(int ethertype)
{
    return ethertype < ETHERTYPE_FIRST;
}

/* LENGTH is the number in the EtherType's place. Returns the EtherType, or STOP(outcome). */
static __always_inline int llc_parse(struct frame *frame, __u32 length)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *header;
    __u32 organisation;

    if (length != ETHERTYPE_LLC)
        cursor_limit(cursor, length);
    header = cursor_peek(cursor, LLC_SAPS_BYTES);
    if (!header)
        return STOP(cursor_shortfall(cursor, LLC_SAPS_BYTES));
    if (load_be16(header) != LLC_SNAP_SAPS)
        return STOP(OUTCOME_NOT_IP);
    header = cursor_take(cursor, LLC_SNAP_BYTES);
    if (!header)
        return STOP(cursor_shortfall(cursor, LLC_SNAP_BYTES));
    organisation = load_be32(header + 2) & SNAP_ORGANISATION;
    if (header[2] != LLC_UNNUMBERED ||
        (organisation != SNAP_ENCAPSULATED && organisation != SNAP_BRIDGE_TUNNEL))
        return STOP(OUTCOME_NOT_IP);
    return load_be16(header + 6);
}

#endif
