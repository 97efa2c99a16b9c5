/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * IKE, RFC 7296 section 3.1, in UDP port 500, and in port 4500 behind four octets of zeros (RFC
 * 3948 section 2.2). Its datagrams are UDP; only the exchange that makes new SAs is of interest.
 *
 *   | initiator's SPI (8) | responder's SPI (8) | next payload (1) | version (1) | exchange type
 * (1) |
 */
#ifndef GAPWATCH_IKE_H
#define GAPWATCH_IKE_H

#include "frame.h"

#define IKE_PORT            500
#define IKE_PORT_NAT        4500
#define IKE_MARKER_BYTES    4
#define IKE_VERSION_AT      17
#define IKE_EXCHANGE_AT     18
#define IKE_LENGTH_AT       24
#define IKE_BYTES           28 /* of the whole header */
#define IKE_HEADER_BYTES    19 /* as far as ike_note() reads it */
#define IKE_MAJOR_VERSION   0xF0
#define IKE_VERSION_2       0x20
#define IKE_CREATE_CHILD_SA 36
#define IKE_UDP_REST_BYTES  4 /* of the UDP header, behind the ports */

/* Whether PORT is one of the two ports in KEY. */
static __always_inline int ike_is_on(const struct flow_key *key, __u16 port)
{
    return key->source_port == port || key->destination_port == port;
}

/* Notes in the record when the UDP datagram, of whose header the ports were taken, is of a
 * CREATE_CHILD_SA exchange. The cursor does not move. */
static __always_inline void ike_note(struct frame *frame)
{
    const struct flow_key *key = &frame->record->key;
    const __u8 *ike = 0;

    if (ike_is_on(key, IKE_PORT)) {
        ike = cursor_peek(&frame->cursor, IKE_UDP_REST_BYTES + IKE_HEADER_BYTES);
    } else if (ike_is_on(key, IKE_PORT_NAT)) {
        ike = cursor_peek(&frame->cursor, IKE_UDP_REST_BYTES + IKE_MARKER_BYTES + IKE_HEADER_BYTES);
        if (ike && load_be32(ike + IKE_UDP_REST_BYTES))
            return;
        if (ike)
            ike += IKE_MARKER_BYTES;
    }
    if (!ike)
        return;
    ike += IKE_UDP_REST_BYTES;
    if ((ike[IKE_VERSION_AT] & IKE_MAJOR_VERSION) == IKE_VERSION_2 &&
        ike[IKE_EXCHANGE_AT] == IKE_CREATE_CHILD_SA)
        frame->record->association = IKE_CREATE_CHILD_SA;
}

#endif
