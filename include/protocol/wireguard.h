/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * WireGuard transport data, section 5.4.6 of its paper (Donenfeld, "WireGuard: Next Generation
 * Kernel Network Tunnel"). Little-endian, in UDP on any port.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |   type = 4    |              reserved = 0                     |
 *   |                        receiver index                         |
 *   |                       counter, from 0 (64)                    |
 *   |                                                               |
 *   |  encrypted packet, padded to 16 octets, and tag (16) ...
 *
 * The receiver picks the index, a new one with each key. It tells the sender in a handshake message
 * (sections 5.4.2 and 5.4.3), whose sender index is the receiver index of the data that follow in
 * the other direction:
 *
 *   initiation   | type = 1, reserved | sender index (4) | ...                      148 octets
 *   response     | type = 2, reserved | sender index (4) | receiver index (4) | ...  92 octets
 */
#ifndef GAPWATCH_PROTOCOL_WIREGUARD_H
#define GAPWATCH_PROTOCOL_WIREGUARD_H

#include "frame.h"

#define WIREGUARD_USUAL_PORT       51820
#define WIREGUARD_HEADER_BYTES     16
#define WIREGUARD_DATA_BYTES_MIN   32 /* without a packet inside: a keepalive */
#define WIREGUARD_PADDING          16
#define WIREGUARD_INITIATION       0x01000000 /* first four octets */
#define WIREGUARD_RESPONSE         0x02000000
#define WIREGUARD_COOKIE           0x03000000
#define WIREGUARD_DATA             0x04000000
#define WIREGUARD_INITIATION_BYTES 148
#define WIREGUARD_RESPONSE_BYTES   92
#define WIREGUARD_COOKIE_BYTES     64

/* Whether a datagram with the first four octets WORD may be WireGuard. */
#define WIREGUARD_MAY_BE(word)                                                                     \
    ((word) >= WIREGUARD_INITIATION && (word) <= WIREGUARD_DATA && !((word)&0xFFFFFF))

/* Makes the record of a handshake message, whose sender index is HERE. The record names the flow of
 * the other direction, whose data will have HERE as their receiver index. */
static __always_inline enum outcome wireguard_announce(struct frame *frame, __u32 index)
{
    struct frame_record *record = frame->record;

    record->key.identifier = index;
    record->flags |= RECORD_HANDSHAKE;
    return OUTCOME_WIREGUARD;
}

/* Returns WIREGUARD, or OUTCOME_NONE: the datagram is not WireGuard. */
static __always_inline enum outcome wireguard_classify(struct frame *frame)
{
    __u32 octets = frame->walk->datagram;
    const __u8 *header = cursor_peek(&frame->cursor, WIREGUARD_HEADER_BYTES);
    __u64 counter;
    __u32 word;

    if (!header)
        return OUTCOME_NONE;
    word = load_be32(header);
    if ((word == WIREGUARD_INITIATION && octets == WIREGUARD_INITIATION_BYTES) ||
        (word == WIREGUARD_RESPONSE && octets == WIREGUARD_RESPONSE_BYTES) ||
        (word == WIREGUARD_COOKIE && octets == WIREGUARD_COOKIE_BYTES))
        return wireguard_announce(frame, word == WIREGUARD_COOKIE ? 0 : load_le32(header + 4));
    counter = load_le64(header + 8);
    if (word != WIREGUARD_DATA || octets < WIREGUARD_DATA_BYTES_MIN || octets % WIREGUARD_PADDING ||
        counter >> NUMBER_BITS_MAX)
        return OUTCOME_NONE;
    frame->record->key.identifier = load_le32(header + 4);
    frame->record->sequence = counter;
    return OUTCOME_WIREGUARD;
}

#endif
