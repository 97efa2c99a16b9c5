/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * IPsec ESP, RFC 4303 section 2, over IP and in UDP port 4500 (RFC 3948 section 2).
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |               Security Parameters Index (SPI)                 |
 *   |                      Sequence number                          |
 *
 * SPI and destination name the SA. Several senders may use the same pair, each with numbers of its
 * own (manual keys, or Cilium, where the SPI is the key's id), so the source is part of the flow.
 * An SPI of 0 is never on the wire (RFC 4303 2.1); in UDP it marks IKE.
 */
#ifndef GAPWATCH_PROTOCOL_ESP_H
#define GAPWATCH_PROTOCOL_ESP_H

#include "frame.h"

#define ESP_HEADER_BYTES 8
#define ESP_SPI_BYTES    4
#define ESP_SPI_NONE     0xFFFFFFFFu /* in UDP: games and others mark datagrams with it */

/* Returns ESP, or why the frame is not ESP. In UDP, OUTCOME_NONE says that the datagram is not ESP,
 * and the record is unchanged. */
static __always_inline enum outcome esp_classify(struct frame *frame)
{
    struct cursor *cursor = &frame->cursor;
    struct flow_key *key = &frame->record->key;
    const __u8 *header;

    if (frame->walk->in_udp && cursor->at->left < ESP_HEADER_BYTES)
        return OUTCOME_NONE; /* a NAT keepalive has one octet, RFC 3948 2.3 */
    header = cursor_take(cursor, ESP_HEADER_BYTES);
    if (!header)
        return cursor_shortfall(cursor, ESP_HEADER_BYTES);
    if (!load_be32(header))
        return frame->walk->in_udp ? OUTCOME_NONE : OUTCOME_RESERVED_SPI;
    if (frame->walk->in_udp && load_be32(header) == ESP_SPI_NONE)
        return OUTCOME_NONE;
    key->spi = load_be32(header);
    frame->record->sequence = load_be32(header + 4);
    return OUTCOME_ESP;
}

#endif
