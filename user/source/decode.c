/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/decode.h"

#include "base/units.h"
#include "segments.h"
#include "source/merged.h"

/* Files may hold any time. A time outside of 1970 to 2262 becomes the nearest in this range. */
#define SECONDS_MAX (INT64_MAX / (int64_t)NS_PER_SECOND - 1)

/* libpcap takes the 32 bits of a pcap file to have a sign: after 2038 they come out negative. */
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

/* Sets the counts of RECORD to what was on the wire if SEEN was merged. Returns the payload of each
 * segment or datagram in octets; 0: it was not merged. */
static uint32_t count_merged(const struct seen_frame *seen, const struct walk *walk,
                             struct frame_record *record)
{
    uint32_t gso_size = seen->gso_size, segments = 0;

    if (!gso_size && merged_is_possible(walk, record)) {
        gso_size = merged_guess_size(seen, walk, record);
        if (gso_size) /* padding or a checksum may follow the datagram */
            segments = (walk->position.left + ESP_HEADER_BYTES + gso_size - 1) / gso_size;
    }
    if (gso_size)
        count_segments(seen->data, seen->data + seen->captured, gso_size, segments, walk, record);
    return gso_size;
}

enum outcome decode_seen(enum link_type link, const struct seen_frame *seen,
                         struct source_statistics *statistics, struct frame_record *records,
                         size_t *count)
{
    struct frame_record *record = &records[0];
    const unsigned char *end = seen->data + seen->captured;
    struct walk walk;
    enum outcome outcome =
        classify(link, seen->data, end, seen->length, seen->stripped, &walk, record);
    uint32_t gso_size = count_merged(seen, &walk, record);

    record->timestamp_ns = seen->timestamp_ns;
    statistics->frames += record->wire_packets;
    statistics->bytes += record->wire_bytes;
    statistics->outcomes[outcome] += record->wire_packets;
    *count = outcome <= OUTCOME_LAST_PROTOCOL;
    if (gso_size && record->flags & RECORD_MERGED && merged_is_possible(&walk, record))
        *count = merged_split(seen, &walk, gso_size, records);
    return outcome;
}

enum outcome decode_frame(enum link_type link, const struct pcap_pkthdr *header,
                          const unsigned char *data, struct source_statistics *statistics,
                          struct frame_record *records, size_t *count)
{
    struct seen_frame seen = {
        .data = data,
        .captured = header->caplen,
        .length = header->len > header->caplen ? header->len : header->caplen,
        .timestamp_ns = timestamp_of(&header->ts),
    };

    return decode_seen(link, &seen, statistics, records, count);
}
