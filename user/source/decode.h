/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Makes a record of a frame, for all sources in user space. */
#ifndef GAPWATCH_SOURCE_DECODE_H
#define GAPWATCH_SOURCE_DECODE_H

#include <pcap/pcap.h>

#include "classify/classify.h"
#include "classify/segments.h"
#include "selection.h"
#include "source/source.h"

/* Sets LINK to the classifier's link type for libpcap's DLT. Returns 0, or -1: not supported. */
int link_type_of(int dlt, enum link_type *link);

/* Octets of each frame that live sources in user space copy. Headers in front of a payload take
 * less, except for long chains of IPv6 extension headers, whose frames count as truncated. */
#define SNAP_OCTETS 256

/* A frame as a source in user space sees it. */
struct seen_frame {
    const unsigned char *data;
    uint32_t captured; /* octets at DATA */
    uint32_t length;   /* octets of the whole frame, without the stripped tag */
    uint32_t stripped; /* VLAN tag that the NIC or the kernel removed, as in classify() */
    uint32_t gso_size; /* payload of each segment of a merged frame, else 0 */
    uint64_t timestamp_ns;
};

/* The most records of one frame: one for each datagram whose number is read, one for the rest, and
 * one for the number of its mirror (mirror.h). */
#define FRAME_RECORDS_MAX (SEGMENTS_READ_MAX + 2)

/* The timestamp of a frame from libpcap, whose TIME has nanoseconds. */
uint64_t decode_timestamp(const struct timeval *time);

/* Fills in SEEN with a frame from libpcap. Sets each member of the caller's struct: copying a
 * struct right after writing its members is slow. */
static inline void decode_header(struct seen_frame *seen, const struct pcap_pkthdr *header,
                                 const unsigned char *data)
{
    seen->data = data;
    seen->captured = header->caplen;
    seen->length = header->len > header->caplen ? header->len : header->caplen;
    seen->stripped = 0;
    seen->gso_size = 0;
    seen->timestamp_ns = decode_timestamp(&header->ts);
}

/*
 * Classifies the frame SEEN, counts it in STATISTICS, and writes its records to RECORDS, which has
 * room for FRAME_RECORDS_MAX. Sets COUNT to their number: 0 if the frame belongs to no protocol
 * that is tracked, more than 1 if it was merged from datagrams with their own sequence numbers. The
 * record of its mirror's number comes first. All counts are of frames on the wire, before merging.
 * Returns the outcome.
 */
enum outcome decode_seen(const struct classifier *classifier, const struct seen_frame *seen,
                         struct source_statistics *statistics, struct frame_record *records,
                         size_t *count);

/* The number of frames that fit into an empty batch when each has one record. */
#define BATCH_FRAMES (BATCH_RECORDS - FRAME_RECORDS_MAX)

/* Whether BATCH has room for all records of another frame. */
static inline int batch_has_room(const struct batch *batch)
{
    return batch->count <= BATCH_FRAMES;
}

#endif
