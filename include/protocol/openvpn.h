/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * OpenVPN data channel, P_DATA_V2 with an AEAD cipher, in UDP: "OpenVPN wire protocol"
 * (draft-openvpn-wire-protocol, section 4.2, and ssl_pkt.h and crypto.h of its source). Big-endian.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   | opcode=9|key  |                  peer id                      |
 *   |                      packet id, from 1                        |
 *   |                 tag (16), then the encrypted packet ...
 *
 * The opcode has five bits, the key's id three; ids go round from 1 to 7 as keys change. Ciphers
 * that are not AEAD encrypt the packet id: the octets in its place then do not grow by one, so
 * frames do not agree.
 *
 * The form is weak. A server gives out peer ids in order from 0; two peers without a server have
 * agreed on one, of any value or a fixed one. So on other ports than 1194 it must be small or
 * fixed. Many SPIs of ESP have this form, too, so ports of ESP have no OpenVPN, and 4500 only if
 * the other port is 1194.
 */
#ifndef GAPWATCH_PROTOCOL_OPENVPN_H
#define GAPWATCH_PROTOCOL_OPENVPN_H

#include "frame.h"
#include "numbered.h"
#include "protocol/openvpn_peer.h"

#define OPENVPN_PORT           1194
#define OPENVPN_HEADER_BYTES   8
#define OPENVPN_DATA_BYTES_MIN 25 /* header, tag, and at least one octet */
#define OPENVPN_DATA_V2        9
#define OPENVPN_PEER_MASK      0xFFFFFFu
#define OPENVPN_KEY_MASK       0x07u

/* Whether a datagram with the first four octets WORD may be OpenVPN's data. */
#define OPENVPN_MAY_BE(word) ((word) >> 27 == OPENVPN_DATA_V2)

/* The identifier of a flow whose frames begin with WORD. */
static __always_inline __u32 openvpn_identifier(__u32 word)
{
    return word << 8 | (word >> 24 & OPENVPN_KEY_MASK);
}

/* Whether PEER can be a peer id on the ports of FRAME. */
static __always_inline int openvpn_may_have(const struct frame *frame, __u32 peer)
{
    const struct flow_key *key = &frame->record->key;

    if (is_esp_port(frame->esp_ports, key->source_port, key->destination_port))
        return 0;
    if (key->source_port == OPENVPN_PORT || key->destination_port == OPENVPN_PORT)
        return 1;
    return !is_protocol_port(key) && (peer <= OPENVPN_PEER_GIVEN_MAX || peer == OPENVPN_PEER_PAIR ||
                                      peer == OPENVPN_PEER_NONE);
}

/* Returns OPENVPN, or OUTCOME_NONE: the datagram is not its data. */
static __always_inline enum outcome openvpn_classify(struct frame *frame)
{
    __u32 octets = frame->walk->datagram;
    const __u8 *header = cursor_peek(&frame->cursor, OPENVPN_HEADER_BYTES);
    __u32 word;

    if (!header)
        return OUTCOME_NONE;
    word = load_be32(header);
    if (octets < OPENVPN_DATA_BYTES_MIN || !openvpn_may_have(frame, word & OPENVPN_PEER_MASK))
        return OUTCOME_NONE;
    frame->record->key.identifier = openvpn_identifier(word);
    frame->record->sequence = load_be32(header + 4);
    return OUTCOME_OPENVPN;
}

#endif
