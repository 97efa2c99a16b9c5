/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A frame in the kernel may stand for several on the wire: segments that the kernel merged on
 * receipt (GRO), or that the NIC will make when sending (GSO). Each segment has headers of its own.
 * All segments except the last have the same payload length.
 *
 *   | headers | payload 1 | payload 2 | ... | last payload |
 *   |         | gso_size  | gso_size  |     | the rest     |
 */
#ifndef GAPWATCH_CLASSIFY_SEGMENTS_H
#define GAPWATCH_CLASSIFY_SEGMENTS_H

#include "frame.h"
#include "network/vlan.h"
#include "numbered.h"
#include "protocol/dtls.h"
#include "protocol/esp.h"
#include "protocol/openvpn.h"
#include "protocol/tcp.h"
#include "protocol/udp.h"
#include "protocol/wireguard.h"

#define WIRE_PACKETS_MAX 0xFFFF /* the record has 16 bits for it */

/*
 * Frames on the wire for a merged frame of FRAME_BYTES, of which HEADER_BYTES are headers. GSO_SIZE
 * is the payload of a segment in octets. GSO_SEGMENTS is the number of segments that the kernel
 * states, or 0 where it states none.
 */
static __always_inline __u32 segments_on_wire(__u32 gso_size, __u32 gso_segments, __u32 frame_bytes,
                                              __u32 header_bytes)
{
    __u32 payload = frame_bytes > header_bytes ? frame_bytes - header_bytes : 0;

    if (!gso_segments && gso_size)
        gso_segments = payload / gso_size + (payload % gso_size != 0);
    if (!gso_segments)
        return 1;
    return gso_segments < WIRE_PACKETS_MAX ? gso_segments : WIRE_PACKETS_MAX;
}

/* Octets of headers in the frame DATA to END, up to and including the TCP or UDP header. Where
 * there is neither, the octets that the classifier took. */
static __always_inline __u32 segment_header_bytes(const __u8 *data, const __u8 *end,
                                                  const struct walk *walk, __u8 protocol)
{
    struct position at = {.offset = walk->transport, .left = TCP_HEADER_BYTES};
    struct cursor cursor = {.data = data, .end = end, .at = &at};
    __u32 stripped = walk->stripped_tags * VLAN_TAG_BYTES;
    const __u8 *header;

    if (!walk->transport)
        return stripped + walk->position.offset;
    if (protocol != OUTCOME_TCP)
        return stripped + walk->transport + UDP_HEADER_BYTES;
    header = cursor_peek(&cursor, TCP_HEADER_BYTES);
    return stripped + walk->transport + (header ? tcp_header_bytes(header) : TCP_HEADER_BYTES);
}

/* Makes RECORD, which the classifier filled in from the merged frame DATA to END, count what was on
 * the wire. GSO_SIZE and GSO_SEGMENTS are as above. Each segment has a number of its own, of which
 * only the first is known here. */
static __always_inline void count_segments(const __u8 *data, const __u8 *end, __u32 gso_size,
                                           __u32 gso_segments, const struct walk *walk,
                                           struct frame_record *record)
{
    __u32 header_bytes = segment_header_bytes(data, end, walk, record->key.protocol);
    __u32 packets = segments_on_wire(gso_size, gso_segments, record->wire_bytes, header_bytes);

    record->wire_packets = (__u16)packets;
    record->wire_bytes += (packets - 1) * header_bytes;
    if (packets > 1 && is_numbered(&record->key))
        record->flags |= RECORD_MERGED;
}

/* --- datagrams in UDP that the kernel merged; each has its own identifier and number --- */

/* The most datagrams of a frame whose own numbers are read. Later ones are counted together. */
#define SEGMENTS_READ_MAX 64

#define SEGMENT_HEADER_BYTES_MAX WIREGUARD_HEADER_BYTES

struct segment {
    __u32 identifier;
    __u32 association; /* as in the record */
    __u32 is_other;    /* 1: not a frame of the protocol, but plain UDP */
    __u32 has_more;    /* 1: more numbers follow in this datagram, which are not read */
    __u64 number;
    __u32 packets; /* more than 1: includes the later datagrams, whose numbers are not read */
    __u32 bytes;   /* on the wire, with headers */
};

/* Whether the datagrams in the merged frame of RECORD can be read one by one. */
static __always_inline int has_readable_segments(const struct walk *walk,
                                                 const struct frame_record *record)
{
    return walk->in_udp && is_numbered_protocol(record->key.protocol) &&
           !(record->flags & RECORD_HANDSHAKE);
}

/* The offset of the first datagram's payload in the frame. */
static __always_inline __u32 segments_offset(const struct walk *walk)
{
    return walk->transport + UDP_HEADER_BYTES;
}

/* How many octets of a datagram's payload segment_read() needs; PROTOCOL is that of the first. */
static __always_inline __u32 segment_header_octets(__u32 protocol)
{
    if (protocol == OUTCOME_WIREGUARD)
        return WIREGUARD_HEADER_BYTES;
    return protocol == OUTCOME_DTLS ? DTLS_HEADER_BYTES : ESP_HEADER_BYTES;
}

/* Reads HEADER of a datagram with OCTETS of payload, in a merged frame of PROTOCOL. Sets all of
 * SEGMENT except its packets and bytes. */
static __always_inline void segment_read(const __u8 *header, __u32 octets, __u32 protocol,
                                         struct segment *segment)
{
    __u32 word = load_be32(header);

    segment->identifier = word;
    segment->association = 0;
    segment->number = load_be32(header + 4);
    segment->is_other = !word || word == ESP_SPI_NONE;
    segment->has_more = 0;
    if (protocol == OUTCOME_OPENVPN) {
        segment->identifier = openvpn_identifier(word);
        segment->is_other = !OPENVPN_MAY_BE(word);
    } else if (protocol == OUTCOME_WIREGUARD) {
        segment->identifier = load_le32(header + 4);
        segment->number = load_le64(header + 8);
        segment->is_other = word != WIREGUARD_DATA || segment->number >> NUMBER_BITS_MAX;
    } else if (protocol == OUTCOME_DTLS) {
        segment->identifier = 0;
        segment->association = header[4];
        segment->number = load_be48(header + 5);
        segment->is_other = !DTLS_MAY_BE(word);
        segment->has_more = header[0] != DTLS_TYPE_CID &&
                            load_be16(header + 11) + (__u32)DTLS_HEADER_BYTES < octets;
    }
}

/* Makes RUN the record of SEGMENT, a part of the merged frame with the record WHOLE. */
static __always_inline void segment_begin_run(struct frame_record *run,
                                              const struct frame_record *whole,
                                              const struct segment *segment)
{
    *run = *whole;
    run->key.identifier = segment->identifier;
    run->association = (__u8)segment->association;
    run->sequence = segment->number;
    run->wire_packets = (__u16)segment->packets;
    run->wire_bytes = segment->bytes;
    if (segment->packets == 1 && !segment->has_more)
        run->flags &= ~RECORD_MERGED;
    if (segment->is_other) {
        run->key.protocol = OUTCOME_UDP;
        run->key.identifier = 0;
        run->key.ports = whole->ports;
        run->association = 0;
        run->sequence = 0;
        run->flags &= ~(RECORD_CANDIDATE | RECORD_MERGED);
    }
}

/* Adds SEGMENT to RUN if its number is the next one. Returns whether it is. */
static __always_inline int segment_goes_on(struct frame_record *run, const struct segment *segment)
{
    if (segment->packets != 1 || segment->is_other || segment->has_more ||
        run->key.protocol == OUTCOME_UDP || run->flags & RECORD_MERGED ||
        run->key.identifier != segment->identifier || run->association != segment->association ||
        run->sequence + run->wire_packets != segment->number)
        return 0;
    run->wire_packets++;
    run->wire_bytes += segment->bytes;
    return 1;
}

#endif
