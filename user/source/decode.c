/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/decode.h"

#include <string.h>

#include "base/units.h"
#include "classify/segments.h"
#include "source/merged.h"

/* Files may hold any time. A time outside of 1970 to 2262 becomes the nearest in this range. */
#define SECONDS_MAX (INT64_MAX / (int64_t)NS_PER_SECOND - 1)

/* libpcap reads the seconds of a pcap file as a signed number of 32 bits: after 2038 it is
 * negative. */
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
        {DLT_C_HDLC, LINK_CISCO_HDLC},
        {DLT_MPLS, LINK_MPLS},
        {DLT_NFLOG, LINK_NFLOG},
        {DLT_IEEE802_11, LINK_IEEE_802_11},
        {DLT_IEEE802_11_RADIO, LINK_RADIOTAP},
        {DLT_PKTAP, LINK_PKTAP},
    };

    for (size_t i = 0; i < sizeof(supported) / sizeof(supported[0]); i++) {
        if (supported[i].dlt == dlt) {
            *link = supported[i].link;
            return 0;
        }
    }
    return -1;
}

uint64_t decode_timestamp(const struct timeval *time)
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

    if (!gso_size && merged_can_be_guessed(seen, walk, record)) {
        uint32_t end = walk->position.offset + walk->position.left; /* padding or a checksum may
                                                                       follow the datagram */

        gso_size = merged_guess_size(seen, walk, record);
        if (gso_size)
            segments = (end - segments_offset(walk) + gso_size - 1) / gso_size;
    }
    if (gso_size)
        count_segments(seen->data, seen->data + seen->captured, gso_size, segments, walk, record);
    return gso_size;
}

/* Keeps those of COUNT RECORDS, of a frame classified as OUTCOME, that are of one of PROTOCOLS
 * (include/selection.h). Returns how many there are. */
static size_t keep_selected(struct frame_record *records, size_t count, enum outcome outcome,
                            uint32_t protocols)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (!is_selected(&records[i], outcome, protocols))
            continue;
        if (kept != i) /* a copy is needed seldom; it would wait for the writes of the record */
            records[kept] = records[i];
        kept++;
    }
    return kept;
}

/* Appends the further DTLS records of the datagram SEEN to RECORDS, which has its first one. Notes
 * it in the last one when not all could be read. Returns how many there are now. */
static size_t add_further(const struct seen_frame *seen, struct walk *walk,
                          struct frame_record *records)
{
    struct cursor cursor = {
        .data = seen->data, .end = seen->data + seen->captured, .at = &walk->position};
    size_t count = 1;

    while (dtls_goes_on(walk, &records[0])) {
        const unsigned char *header = cursor_peek(&cursor, DTLS_HEADER_BYTES);

        if (!header || count == DTLS_RECORDS_MAX) {
            dtls_note_unread(&records[count - 1]);
            break;
        }
        records[count] = records[0];
        if (dtls_read_further(header, &walk->position, &records[count]) < 0)
            break;
        count++;
    }
    return count;
}

/* Puts the record of the mirror's number in WALK ahead of COUNT RECORDS. */
static void put_mirror(const struct walk *walk, uint64_t timestamp_ns, struct frame_record *records,
                       size_t count)
{
    memmove(records + 1, records, count * sizeof(*records));
    records[0] = walk->mirror;
    records[0].timestamp_ns = timestamp_ns;
}

enum outcome decode_seen(const struct classifier *classifier, const struct seen_frame *seen,
                         struct source_statistics *statistics, struct frame_record *records,
                         size_t *count)
{
    struct frame_record *record = &records[0];
    const unsigned char *end = seen->data + seen->captured;
    struct walk walk;
    enum outcome outcome =
        classify(classifier, seen->data, end, seen->length, seen->stripped, &walk, record);
    uint32_t gso_size = count_merged(seen, &walk, record);

    record->timestamp_ns = seen->timestamp_ns;
    statistics->frames += record->wire_packets;
    statistics->bytes += record->wire_bytes;
    statistics->outcomes[outcome] += record->wire_packets;
    *count = outcome <= OUTCOME_LAST_PROTOCOL;
    if (gso_size && record->flags & RECORD_MERGED && has_readable_segments(&walk, record))
        *count = merged_split(seen, &walk, gso_size, records);
    else if (*count && dtls_goes_on(&walk, record))
        *count = add_further(seen, &walk, records);
    if (*count)
        *count = keep_selected(records, *count, outcome, classifier->protocols);
    if (walk.has_mirror)
        put_mirror(&walk, seen->timestamp_ns, records, (*count)++);
    return outcome;
}
