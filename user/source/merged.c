/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/merged.h"

#include <string.h>

/* The largest Ethernet frame (IEEE 802.3 3.2.7) with the most VLAN tags. */
#define USUAL_FRAME_BYTES (1514 + VLAN_TAGS_MAX * VLAN_TAG_BYTES)

/* The shortest ESP packet: the header, four encrypted octets, and the shortest ICV in use (RFC 4303
 * section 2). The length is a multiple of four because of padding and ICV. */
#define ESP_PACKET_BYTES_MIN 24
#define ESP_ALIGNMENT        4

/* The number of words compared at a time; compilers make a loop of fixed length fast. */
#define WORDS_AT_ONCE 16

/* The offset of the first datagram's ESP header in the frame. */
static uint32_t first_header(const struct walk *walk)
{
    return walk->position.offset - ESP_HEADER_BYTES;
}

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

/* Whether the octets at OCTETS after FIRST look like the ESP header of another packet of its SA. */
static int is_another(const unsigned char *first, uint32_t octets)
{
    int32_t distance = (int32_t)(load_be32(first + octets + 4) - load_be32(first + 4));

    return memcmp(first, first + octets, ESP_SPI_BYTES) == 0 && distance != 0 &&
           distance >= -SEGMENTS_READ_MAX && distance <= SEGMENTS_READ_MAX;
}

/* The distance from the ESP header at FIRST to the next one of its SA, within CAPTURED octets; 0:
 * there is none. */
static uint32_t find_another(const unsigned char *first, uint32_t captured)
{
    const uint32_t block = WORDS_AT_ONCE * ESP_ALIGNMENT;
    uint32_t octets = ESP_PACKET_BYTES_MIN;
    uint32_t spi;

    memcpy(&spi, first, sizeof(spi));
    while (octets + ESP_HEADER_BYTES <= captured) {
        if (octets + block <= captured && !has_word(first + octets, spi)) {
            octets += block;
            continue;
        }
        for (uint32_t end = octets + block; octets < end; octets += ESP_ALIGNMENT)
            if (octets + ESP_HEADER_BYTES <= captured && is_another(first, octets))
                return octets;
    }
    return 0;
}

uint32_t merged_guess_size(const struct seen_frame *seen, const struct walk *walk,
                           struct frame_record *record)
{
    uint32_t first = first_header(walk);
    uint32_t gso_size = find_another(seen->data + first, seen->captured - first);

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
    uint32_t first = first_header(walk);
    uint32_t headers = first + walk->stripped_tags * VLAN_TAG_BYTES;
    uint32_t at = first + number * gso_size;
    uint32_t next = at + gso_size;
    struct segment segment = {.packets = whole->wire_packets - number};

    if (at + ESP_HEADER_BYTES <= seen->captured) {
        int is_next_cut = next + ESP_HEADER_BYTES > seen->captured && seen->captured < seen->length;

        segment.spi = load_be32(seen->data + at);
        segment.number = load_be32(seen->data + at + 4);
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
