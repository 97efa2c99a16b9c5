/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * IEEE 802.11-2016 clause 9.2 and 9.3.2: data frames. Numbers are little-endian.
 *
 *   | frame control (2) | duration (2) | address 1 (6) | address 2 (6) | address 3 (6) |
 *   | sequence control (2) | [address 4 (6)] | [QoS control (2)] | [HT control (4)] | LLC ... |
 *
 * Address 4 is there with To DS and From DS, QoS control with the subtype's bit 3, HT control with
 * +HTC too. Protected frames and aggregates (A-MSDU, several frames in one) are not read.
 */
#ifndef GAPWATCH_LINK_IEEE_802_11_H
#define GAPWATCH_LINK_IEEE_802_11_H

#include "network/llc.h"

#define IEEE_802_11_BYTES          24
#define IEEE_802_11_ADDRESS_BYTES  6
#define IEEE_802_11_QOS_BYTES      2
#define IEEE_802_11_HT_BYTES       4
#define IEEE_802_11_ADDRESS_2      10
#define IEEE_802_11_ADDRESS_3      16
#define IEEE_802_11_SEQUENCE       22
#define IEEE_802_11_KIND_MASK      0x0F /* of the first octet: version and type */
#define IEEE_802_11_DATA           0x08
#define IEEE_802_11_NO_DATA        0x40 /* of the first octet: a subtype without a payload */
#define IEEE_802_11_QOS            0x80
#define IEEE_802_11_TO_DS          0x01 /* of the second octet */
#define IEEE_802_11_FROM_DS        0x02
#define IEEE_802_11_MORE_FRAGMENTS 0x04
#define IEEE_802_11_PROTECTED      0x40
#define IEEE_802_11_HTC            0x80
#define IEEE_802_11_AGGREGATE      0x80 /* of QoS control */
#define IEEE_802_11_FRAGMENT_MASK  0x0F /* of sequence control */

/* Takes address 4, the sender's address in frames between access points. Returns 0, or
 * STOP(outcome). */
static __always_inline int ieee_802_11_take_address(struct frame *frame)
{
    const __u8 *address = cursor_take(&frame->cursor, IEEE_802_11_ADDRESS_BYTES);

    if (!address)
        return STOP(cursor_shortfall(&frame->cursor, IEEE_802_11_ADDRESS_BYTES));
    frame->walk->source_mac = load_be48(address);
    return 0;
}

/* Takes QoS control, and HT control when it HAS_HT. Returns 0, or STOP(outcome). */
static __always_inline int ieee_802_11_take_qos(struct frame *frame, int has_ht)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *control = cursor_take(cursor, IEEE_802_11_QOS_BYTES);

    if (!control)
        return STOP(cursor_shortfall(cursor, IEEE_802_11_QOS_BYTES));
    if (control[0] & IEEE_802_11_AGGREGATE)
        return STOP(OUTCOME_NOT_IP);
    if (has_ht && !cursor_take(cursor, IEEE_802_11_HT_BYTES))
        return STOP(cursor_shortfall(cursor, IEEE_802_11_HT_BYTES));
    return 0;
}

/* Whether HEADER is of a data frame in the clear, whose payload starts in it: 0, or STOP(outcome).
 */
static __always_inline int ieee_802_11_check(const __u8 *header)
{
    if ((header[0] & IEEE_802_11_KIND_MASK) != IEEE_802_11_DATA ||
        header[0] & IEEE_802_11_NO_DATA || header[1] & IEEE_802_11_PROTECTED)
        return STOP(OUTCOME_NOT_IP);
    return header[IEEE_802_11_SEQUENCE] & IEEE_802_11_FRAGMENT_MASK ? STOP(OUTCOME_FRAGMENT) : 0;
}

/* Returns the EtherType that stands for LLC, or STOP(outcome). */
static __always_inline int ieee_802_11_parse(struct frame *frame)
{
    const __u8 *header = cursor_take(&frame->cursor, IEEE_802_11_BYTES);
    __u8 kind, flags;
    int status;

    if (!header)
        return STOP(cursor_shortfall(&frame->cursor, IEEE_802_11_BYTES));
    kind = header[0];
    flags = header[1];
    status = ieee_802_11_check(header);
    if (status)
        return status;
    if (flags & IEEE_802_11_MORE_FRAGMENTS)
        frame->walk->fragmented = 1;
    frame->walk->source_mac = load_be48(
        header + (flags & IEEE_802_11_FROM_DS ? IEEE_802_11_ADDRESS_3 : IEEE_802_11_ADDRESS_2));
    if (flags & IEEE_802_11_TO_DS && flags & IEEE_802_11_FROM_DS)
        status = ieee_802_11_take_address(frame);
    if (status == 0 && kind & IEEE_802_11_QOS)
        status = ieee_802_11_take_qos(frame, flags & IEEE_802_11_HTC);
    return status < 0 ? status : ETHERTYPE_LLC;
}

#endif
