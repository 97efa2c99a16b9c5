/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A frame in the kernel may stand for several on the wire: segments that the kernel merged on
 * receipt (GRO), or that the NIC will make when sending (GSO). Each segment has headers of its own.
 * All segments except the last have the same payload length.
 *
 *   | headers | payload 1 | payload 2 | ... | last payload |
 *   |         | gso_size  | gso_size  |     | the rest     |
 */
#ifndef GAPWATCH_SEGMENTS_H
#define GAPWATCH_SEGMENTS_H

#include "frame.h"
#include "network/vlan.h"
#include "numbered.h"
#include "protocol/tcp.h"
#include "protocol/udp.h"

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

/* The kernel reads the numbers of this many segments of a merged frame; the rest stays merged. */
#define SEGMENTS_READ_MAX 64

/*
 * Changes RECORD, which the classifier made of the merged frame DATA to END, to the packets and
 * octets on the wire. GSO_SIZE and GSO_SEGMENTS are those of segments_on_wire(). The number of the
 * first segment is the only one known here.
 */
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

#endif
