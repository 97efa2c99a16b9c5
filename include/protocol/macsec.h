/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * MACsec SecTAG, IEEE 802.1AE-2018 clause 9. What follows EtherType 0x88E5:
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |V|E|S|S|E|C|AN |0 0|    SL     |          Packet number        |
 *   | |S|C|C| | |   |   |           |                               |
 *   | | | |B| | |   |   |           |                               |
 *   |      Packet number (low)      |     SCI (8), when SC is set
 *
 * VLAN tags in front of the SecTAG are part of the flow, because SecYs on several VLANs of a port
 * share an SCI. The PN is 32 bits, or the low 32 of 64 with XPN (802.1AEbw), where a low word of 0
 * is legal.
 */
#ifndef GAPWATCH_PROTOCOL_MACSEC_H
#define GAPWATCH_PROTOCOL_MACSEC_H

#include "network/vlan.h"

#define MACSEC_TAG_BYTES      6 /* TCI and AN, SL, PN */
#define MACSEC_SCI_BYTES      8
#define MACSEC_TCI_V          0x80
#define MACSEC_TCI_ES         0x40
#define MACSEC_TCI_SC         0x20
#define MACSEC_TCI_SCB        0x10
#define MACSEC_TCI_E          0x08
#define MACSEC_TCI_C          0x04
#define MACSEC_AN_MASK        0x03
#define MACSEC_SL_RESERVED    0xC0
#define MACSEC_PORT_DEFAULT   0x0001
#define MACSEC_PORT_BROADCAST 0x0000

/* The validity checks of 9.12 that an observer without the key can make. */
static __always_inline int macsec_tag_is_valid(__u8 tci, __u8 short_length)
{
    if (tci & MACSEC_TCI_V || short_length & MACSEC_SL_RESERVED)
        return 0;
    return !(tci & MACSEC_TCI_SC && tci & (MACSEC_TCI_ES | MACSEC_TCI_SCB));
}

/* The SCI of a frame that does not carry one, 9.5 and 9.9. */
static __always_inline __u64 macsec_sci_of_source(__u64 source_mac, __u8 tci)
{
    __u64 port =
        tci & MACSEC_TCI_ES && tci & MACSEC_TCI_SCB ? MACSEC_PORT_BROADCAST : MACSEC_PORT_DEFAULT;

    return source_mac << 16 | port;
}

/* Returns MACSEC, or why the frame belongs to no SA. Frames with E set and C clear are the
 * KaY's. */
static __always_inline enum outcome macsec_classify(struct frame *frame)
{
    struct frame_record *record = frame->record;
    const __u8 *tag = cursor_take(&frame->cursor, MACSEC_TAG_BYTES);
    const __u8 *sci;

    if (!tag)
        return cursor_shortfall(&frame->cursor, MACSEC_TAG_BYTES);
    if (!macsec_tag_is_valid(tag[0], tag[1]))
        return OUTCOME_MALFORMED;
    if (tag[0] & MACSEC_TCI_E && !(tag[0] & MACSEC_TCI_C))
        return OUTCOME_KAY;
    if (tag[0] & MACSEC_TCI_SC) {
        sci = cursor_take(&frame->cursor, MACSEC_SCI_BYTES);
        if (!sci)
            return cursor_shortfall(&frame->cursor, MACSEC_SCI_BYTES);
        record->key.sci = load_be64(sci);
    } else {
        record->key.sci = macsec_sci_of_source(frame->walk->source_mac, tag[0]);
        if (!(tag[0] & MACSEC_TCI_ES))
            record->flags |= RECORD_IMPLICIT_SCI;
    }
    record->key.vlans = frame->walk->vlans;
    record->association = tag[0] & MACSEC_AN_MASK;
    record->sequence = load_be32(tag + 2);
    return OUTCOME_MACSEC;
}

#endif
