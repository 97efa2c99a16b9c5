/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/decode.h"

#include <string.h>

#include "base/units.h"
#include "segments.h"

/* Files may hold any time. A time outside of 1970 to 2262 becomes the nearest in this range. */
#define SECONDS_MAX (INT64_MAX / (int64_t)NS_PER_SECOND - 1)

/* The longest Ethernet frame (802.3 3.2.7) with the maximum number of VLAN tags. */
#define USUAL_FRAME_BYTES (1514 + VLAN_TAGS_MAX * VLAN_TAG_BYTES)

/* libpcap treats the 32 bits of a pcap file as signed, so times after 2038 are negative. */
#define SECONDS_OF_SIGN (INT64_C(1) << 32)

int link_type_of(int dlt, enum link_type *link)
{
    static const struct {
        int dlt;
        enum link_type link;
    } supported[] = {
        {DLT_EN10MB, LINK_ETHERNET},
        {DLT_RAW, LINK_RAW_IP},
        {DLT_IPV4, LINK_RAW_IP},
        {DLT_IPV6, LINK_RAW_IP},
        {DLT_NULL, LINK_LOOPBACK},
        {DLT_LOOP, LINK_LOOPBACK},
        {DLT_LINUX_SLL, LINK_COOKED_V1},
        {DLT_LINUX_SLL2, LINK_COOKED_V2},
        {DLT_PPP, LINK_PPP},
        {DLT_PPP_SERIAL, LINK_PPP},
    };

    for (size_t i = 0; i < sizeof(supported) / sizeof(supported[0]); i++) {
        if (supported[i].dlt == dlt) {
            *link = supported[i].link;
            return 0;
        }
    }
    return -1;
}

static uint64_t timestamp_of(const struct timeval *time)
{
    int64_t seconds = time->tv_sec;
    int64_t rest = time->tv_usec; /* nanoseconds, as requested when the file was opened; a file may
                                     exceed 1 s */

    if (seconds < 0 && seconds >= INT32_MIN)
        seconds += SECONDS_OF_SIGN;
    if (seconds < 0 || rest < 0)
        return 0;
    if (seconds > SECONDS_MAX)
        return INT64_MAX;
    if (rest > (int64_t)NS_PER_SECOND * 4)
        rest = (int64_t)NS_PER_SECOND - 1;
    return (uint64_t)seconds * NS_PER_SECOND + (uint64_t)rest;
}

/* Whether OCTETS behind the ESP header at FIRST there is another one: the same SPI, with a number
 * near the first. */
static int has_second(const unsigned char *first, size_t octets)
{
    int32_t distance = (int32_t)(load_be32(first + octets + 4) - load_be32(first + 4));

    return memcmp(first, first + octets, 4) == 0 && distance >= -SEGMENTS_READ_MAX &&
           distance <= SEGMENTS_READ_MAX;
}

/*
 * The payload of each segment of a merged frame of ESP in UDP. RECORD is longer than a usual
 * Ethernet frame, and nothing states whether it was merged; it was if its SPI occurs again, with a
 * number near the first. Returns 0 when it was not merged, or when too little was captured to tell;
 * in the latter case RECORD is marked as merged, of an unknown number of segments.
 */
static uint32_t guess_gso_size(const struct seen_frame *seen, const struct walk *walk,
                               struct frame_record *record)
{
    size_t start = walk->position.offset - ESP_HEADER_BYTES;
    size_t captured = seen->captured - start;

    for (size_t octets = ESP_HEADER_BYTES; octets + ESP_HEADER_BYTES <= captured; octets++)
        if (has_second(seen->data + start, octets))
            return (uint32_t)octets;
    if (seen->captured < seen->length)
        record->flags |= RECORD_MERGED;
    return 0;
}

static int may_be_merged(const struct seen_frame *seen, const struct frame_record *record)
{
    return seen->length > USUAL_FRAME_BYTES && record->flags & RECORD_CANDIDATE &&
           record->key.protocol == OUTCOME_ESP;
}

enum outcome decode_seen(enum link_type link, const struct seen_frame *seen,
                         struct source_statistics *statistics, struct frame_record *record)
{
    const unsigned char *end = seen->data + seen->captured;
    struct walk walk;
    enum outcome outcome =
        classify(link, seen->data, end, seen->length, seen->stripped, &walk, record);

    uint32_t gso_size = seen->gso_size;

    if (!gso_size && may_be_merged(seen, record))
        gso_size = guess_gso_size(seen, &walk, record);
    if (gso_size)
        count_segments(seen->data, end, gso_size, 0, &walk, record);
    record->timestamp_ns = seen->timestamp_ns;
    statistics->frames += record->wire_packets;
    statistics->bytes += record->wire_bytes;
    statistics->outcomes[outcome] += record->wire_packets;
    return outcome;
}

enum outcome decode_frame(enum link_type link, const struct pcap_pkthdr *header,
                          const unsigned char *data, struct source_statistics *statistics,
                          struct frame_record *record)
{
    struct seen_frame seen = {
        .data = data,
        .captured = header->caplen,
        .length = header->len > header->caplen ? header->len : header->caplen,
        .timestamp_ns = timestamp_of(&header->ts),
    };

    return decode_seen(link, &seen, statistics, record);
}
