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

/* How far the numbers of a frame and of the one behind it may be apart: a burst may be lost in
 * between. In the encrypted octets of a frame of 1,500, an identifier with a number within this
 * distance is found by chance once in 6,000,000,000,000 frames. */
#define NUMBERS_APART_MAX 4096

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
 * header at FIRST. Sets DISTANCE to how far its number is ahead. */
static int is_of_same_sa(const unsigned char *first, const unsigned char *other, uint32_t protocol,
                         int64_t *distance)
{
    unsigned unknown = 64 - number_bits(protocol);
    struct segment a, b;

    if (memcmp(first, other, ESP_SPI_BYTES) != 0)
        return 0;
    segment_read(first, 0, protocol, &a);
    segment_read(other, 0, protocol, &b);
    *distance = (int64_t)((b.number - a.number) << unknown) >> unknown;
    return a.identifier == b.identifier && a.association == b.association &&
           *distance >= -NUMBERS_APART_MAX && *distance <= NUMBERS_APART_MAX;
}

/*
 * Looks for another header OCTETS behind that at FIRST. Returns the length of each datagram when
 * there is one, else 0. The same number again may be a copy of the first frame, or a pattern that
 * fills a frame: COPY is set to where it was first, and counts when another number follows.
 */
static uint32_t length_by(const unsigned char *first, uint32_t octets, uint32_t protocol,
                          uint32_t *copy)
{
    int64_t distance;

    if (!is_of_same_sa(first, first + octets, protocol, &distance))
        return 0;
    if (distance)
        return *copy && octets % *copy == 0 ? *copy : octets;
    if (!*copy)
        *copy = octets;
    return 0;
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

/* As find_another(), for protocols whose datagrams have any length. */
static uint32_t find_anywhere(const unsigned char *first, uint32_t captured, uint32_t protocol)
{
    uint32_t needed = segment_header_octets(protocol);
    uint32_t octets = shortest_of(protocol);
    uint32_t length = 0, copy = 0;

    while (!length && octets + needed <= captured) {
        const unsigned char *other = memchr(first + octets, *first, captured - needed - octets + 1);

        if (!other)
            return 0;
        octets = (uint32_t)(other - first);
        length = length_by(first, octets++, protocol, &copy);
    }
    return length;
}

/* As find_another(), for protocols whose datagrams have lengths that are multiples of ALIGNMENT. */
static uint32_t find_aligned(const unsigned char *first, uint32_t captured, uint32_t protocol)
{
    const uint32_t block = WORDS_AT_ONCE * ALIGNMENT;
    uint32_t needed = segment_header_octets(protocol);
    uint32_t octets = shortest_of(protocol);
    uint32_t length = 0, copy = 0;
    uint32_t word;

    memcpy(&word, first, sizeof(word));
    while (octets + needed <= captured) {
        if (octets + block <= captured && !has_word(first + octets, word)) {
            octets += block;
            continue;
        }
        for (uint32_t end = octets + block; octets < end; octets += ALIGNMENT) {
            if (octets + needed <= captured)
                length = length_by(first, octets, protocol, &copy);
            if (length)
                return length;
        }
    }
    return 0;
}

/* The distance from the header at FIRST, of PROTOCOL, to the next one of its SA, within CAPTURED
 * octets; 0: there is none. */
static uint32_t find_another(const unsigned char *first, uint32_t captured, uint32_t protocol)
{
    if (protocol == OUTCOME_ESP || protocol == OUTCOME_WIREGUARD)
        return find_aligned(first, captured, protocol);
    return find_anywhere(first, captured, protocol);
}

/* Whether any datagram of RECORD's protocol may have been merged, not only those that are longer
 * than usual. The records of one DTLS datagram look like merged ones, and are read all the same;
 * and what looks like OpenVPN may be another protocol, but hardly on its own port. */
static int is_guessed_at_any_length(const struct frame_record *record)
{
    return record->key.protocol == OUTCOME_ESP || record->key.protocol == OUTCOME_WIREGUARD ||
           (record->key.protocol == OUTCOME_OPENVPN &&
            (record->key.source_port == OPENVPN_PORT ||
             record->key.destination_port == OPENVPN_PORT));
}

int merged_can_be_guessed(const struct seen_frame *seen, const struct walk *walk,
                          const struct frame_record *record)
{
    return has_readable_segments(walk, record) &&
           (is_guessed_at_any_length(record) || seen->length > USUAL_FRAME_BYTES);
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
