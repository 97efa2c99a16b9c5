/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/decode.h"

#include "base/units.h"
#include "segments.h"

/* Files may hold any time. What lies outside of 1970 to 2262 becomes the nearest of the two. */
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
    int64_t rest = time->tv_usec; /* nanoseconds, as the handle was opened; files may exceed 1 s */

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

enum outcome decode_seen(enum link_type link, const struct seen_frame *seen,
                         struct source_statistics *statistics, struct frame_record *record)
{
    const unsigned char *end = seen->data + seen->captured;
    struct walk walk;
    enum outcome outcome =
        classify(link, seen->data, end, seen->length, seen->stripped, &walk, record);

    if (seen->gso_size)
        count_segments(seen->data, end, seen->gso_size, 0, &walk, record);
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
