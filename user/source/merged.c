/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/merged.h"

#include <string.h>

/* The largest Ethernet frame (IEEE 802.3 3.2.7) with the most VLAN tags. */
#define USUAL_FRAME_BYTES (1514 + VLAN_TAGS_MAX * VLAN_TAG_BYTES)

/* The shortest ESP packet: the header, four encrypted octets, and the shortest ICV in use (RFC 4303
 * section 2). */
#define ESP_PACKET_BYTES_MIN 24

/* The length of ESP packets is a multiple of four because of padding and ICV; that of WireGuard's
 * datagrams is a multiple of 16. */
#define ALIGNMENT 4

/* The number of words compared at a time; compilers make a loop of fixed length fast. */
#define WORDS_AT_ONCE 16

/* Whether one of the WORDS_AT_ONCE words at DATA equals WORD. */
static int has_word(const unsigned char *data, uint32_t word)
{
    uint32_t words[WORDS_AT_ONCE];
    uint32_t is_there = 0;

    memcpy(words, data, sizeof(words));
    for (unsigned i = 0; i < WORDS_AT_ONCE; i++)
        is_there |= words[i] == word;
    return (int)is_there;
}

/* Whether the octets at OTHER look like the header of another frame of the SA whose frame has its
 * header at FIRST. */
static int is_another(const unsigned char *first, const unsigned char *other, uint32_t protocol)
{
    unsigned unknown = 64 - number_bits(protocol);
    struct segment a, b;
    int64_t distance;

    if (memcmp(first, other, ESP_SPI_BYTES) != 0)
        return 0;
    segment_read(first, 0, protocol, &a);
    segment_read(other, 0, protocol, &b);
    distance = (int64_t)((b.number - a.number) << unknown) >> unknown;
    return a.identifier == b.identifier && a.association == b.association && distance != 0 &&
           distance >= -SEGMENTS_READ_MAX && distance <= SEGMENTS_READ_MAX;
}

/* The shortest datagram of PROTOCOL, in octets. */
static uint32_t shortest_of(uint32_t protocol)
{
    switch (protocol) {
    case OUTCOME_ESP:
        return ESP_PACKET_BYTES_MIN;
    case OUTCOME_WIREGUARD:
        return WIREGUARD_DATA_BYTES_MIN;
    case OUTCOME_OPENVPN:
        return OPENVPN_DATA_BYTES_MIN;
    default:
        return DTLS_HEADER_BYTES + 1;
    }
}

/* The distance from the header at FIRST, of PROTOCOL, to the next one of its SA, within CAPTURED
 * octets; 0: there is none. */
static uint32_t find_another(const unsigned char *first, uint32_t captured, uint32_t protocol)
{
    const uint32_t block = WORDS_AT_ONCE * ALIGNMENT;
    int is_aligned = protocol == OUTCOME_ESP || protocol == OUTCOME_WIREGUARD;
    uint32_t needed = segment_header_octets(protocol);
    uint32_t octets = shortest_of(protocol);
    uint32_t word;

    memcpy(&word, first, sizeof(word));
    while (octets + needed <= captured) {
        if (is_aligned && octets + block <= captured && !has_word(first + octets, word)) {
            octets += block;
            continue;
        }
        for (uint32_t end = octets + block; octets < end; octets += is_aligned ? ALIGNMENT : 1)
            if (octets + needed <= captured && is_another(first, first + octets, protocol))
                return octets;
    }
    return 0;
}

int merged_can_be_guessed(const struct seen_frame *seen, const struct walk *walk,
                          const struct frame_record *record)
{
    return has_readable_segments(walk, record) &&
           (record->key.protocol == OUTCOME_ESP || seen->length > USUAL_FRAME_BYTES);
}

uint32_t merged_guess_size(const struct seen_frame *seen, const struct walk *walk,
                           struct frame_record *record)
{
    uint32_t first = segments_offset(walk);
    uint32_t gso_size =
        find_another(seen->data + first, seen->captured - first, record->key.protocol);

    if (!gso_size && seen->captured < seen->length && seen->length > USUAL_FRAME_BYTES)
        record->flags |= RECORD_MERGED;
    return gso_size;
}

/* Reads datagram NUMBER of the merged frame SEEN with the record WHOLE. If the next one's header
 * was not captured, includes all later ones. */
static struct segment read_segment(const struct seen_frame *seen, const struct walk *walk,
                                   uint32_t gso_size, const struct frame_record *whole,
                                   uint32_t number)
{
    uint32_t first = segments_offset(walk);
    uint32_t headers = first + walk->stripped_tags * VLAN_TAG_BYTES;
    uint32_t at = first + number * gso_size;
    uint32_t next = at + gso_size;
    uint32_t needed = segment_header_octets(whole->key.protocol);
    struct segment segment = {.packets = whole->wire_packets - number, .is_other = 1};

    if (at + needed <= seen->captured) {
        int is_next_cut = next + needed > seen->captured && seen->captured < seen->length;
        uint32_t octets = next < seen->length ? gso_size : seen->length - at;

        segment_read(seen->data + at, octets, whole->key.protocol, &segment);
        if (number < SEGMENTS_READ_MAX && !is_next_cut)
            segment.packets = 1;
    }
    segment.bytes = segment.packets * headers;
    segment.bytes += number + segment.packets == whole->wire_packets ? seen->length - at : gso_size;
    return segment;
}

size_t merged_split(const struct seen_frame *seen, const struct walk *walk, uint32_t gso_size,
                    struct frame_record *records)
{
    const struct frame_record whole = records[0];
    size_t count = 0;

    for (uint32_t number = 0; number < whole.wire_packets;) {
        struct segment segment = read_segment(seen, walk, gso_size, &whole, number);

        number += segment.packets;
        if (!count || !segment_goes_on(&records[count - 1], &segment))
            segment_begin_run(&records[count++], &whole, &segment);
    }
    return count;
}
