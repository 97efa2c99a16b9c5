/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * IKE and ESP in TCP, RFC 9329 sections 3 and 4, on port 4500 and on the ports of --esp-port.
 *
 *   stream prefix   | "IKETCP" |, once, from the side that opened the connection
 *   IKE             | length (2) | 0 (4) | IKE header (28) ...
 *   ESP             | length (2) | SPI (4), not 0 | sequence number (4) ...
 *
 * The length counts its own two octets. TCP retransmits lost segments, and messages do not begin
 * where segments do, so ESP numbers in TCP do not show lost frames. They are not tracked; reports
 * only say that the connection carries ESP.
 */
#ifndef GAPWATCH_CLASSIFY_ESP_IN_TCP_H
#define GAPWATCH_CLASSIFY_ESP_IN_TCP_H

#include "frame.h"
#include "ike.h"
#include "protocol/esp.h"
#include "protocol/tcp.h"

#define ESP_IN_TCP_PORT         4500
#define ESP_IN_TCP_LENGTH_BYTES 2
#define ESP_IN_TCP_PREFIX_BYTES 6
#define ESP_IN_TCP_PREFIX_HIGH  0x494B4554u /* "IKET" */
#define ESP_IN_TCP_PREFIX_LOW   0x4350u     /* "CP" */
#define ESP_IN_TCP_BYTES        (ESP_IN_TCP_LENGTH_BYTES + ESP_HEADER_BYTES)
#define ESP_IN_TCP_IKE_BYTES    (ESP_IN_TCP_LENGTH_BYTES + IKE_MARKER_BYTES + IKE_BYTES)
#define TCP_BYTES_TO_LENGTH     (TCP_DATA_OFFSET + 1 - PORTS_BYTES) /* behind the ports */

/* Whether connections on the ports of FRAME's record may carry ESP. */
static __always_inline int esp_in_tcp_is_on(const struct frame *frame)
{
    const struct flow_key *key = &frame->record->key;

    return key->source_port == ESP_IN_TCP_PORT || key->destination_port == ESP_IN_TCP_PORT ||
           is_esp_port(frame->esp_ports, key->source_port, key->destination_port);
}

/* Whether an IKE message of LENGTH octets, with its own two, is at MESSAGE. */
static __always_inline int esp_in_tcp_is_ike(const __u8 *message, __u32 length)
{
    const __u8 *ike = message + ESP_IN_TCP_LENGTH_BYTES + IKE_MARKER_BYTES;

    return (ike[IKE_VERSION_AT] & IKE_MAJOR_VERSION) == IKE_VERSION_2 &&
           load_be32(ike + IKE_LENGTH_AT) ==
               length - ESP_IN_TCP_LENGTH_BYTES - (__u32)IKE_MARKER_BYTES;
}

/* Notes in the record whether the TCP segment of FRAME begins with a stream prefix, an IKE message
 * or an ESP message. The ports of its header have been taken. */
static __always_inline void esp_in_tcp_note(struct frame *frame)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *octets = cursor_peek(cursor, TCP_BYTES_TO_LENGTH);
    __u32 length, header_bytes;

    if (!octets)
        return;
    header_bytes = (octets[TCP_DATA_OFFSET - PORTS_BYTES] >> 4) * 4u;
    if (header_bytes < TCP_HEADER_BYTES || header_bytes - PORTS_BYTES > cursor->at->left)
        return;
    cursor->at->offset += header_bytes - PORTS_BYTES;
    cursor->at->left -= header_bytes - PORTS_BYTES;
    octets = cursor_peek(cursor, ESP_IN_TCP_PREFIX_BYTES);
    if (octets && load_be32(octets) == ESP_IN_TCP_PREFIX_HIGH &&
        load_be16(octets + 4) == ESP_IN_TCP_PREFIX_LOW) {
        frame->record->association = ESP_IN_TCP_YES;
        return;
    }
    octets = cursor_peek(cursor, ESP_IN_TCP_BYTES);
    if (!octets)
        return;
    length = load_be16(octets);
    if (length < ESP_IN_TCP_BYTES || length > cursor->at->left)
        return;
    if (load_be32(octets + ESP_IN_TCP_LENGTH_BYTES)) {
        frame->record->association = ESP_IN_TCP_MAYBE;
        frame->record->sequence = load_be64(octets + ESP_IN_TCP_LENGTH_BYTES);
        return;
    }
    octets = cursor_peek(cursor, ESP_IN_TCP_IKE_BYTES);
    if (octets && length >= ESP_IN_TCP_IKE_BYTES && esp_in_tcp_is_ike(octets, length))
        frame->record->association = ESP_IN_TCP_YES;
}

#endif
