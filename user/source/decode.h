/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* From a frame to a record: what every source in user space does with a frame. */
#ifndef GAPWATCH_SOURCE_DECODE_H
#define GAPWATCH_SOURCE_DECODE_H

#include <pcap/pcap.h>

#include "classify.h"
#include "source/source.h"

/* The classifier's link type for libpcap's DLT. Returns 0, or -1: not one that is supported. */
int link_type_of(int dlt, enum link_type *link);

/*
 * Octets of each frame that live sources in user space copy: what is in front of a payload takes
 * less, but for long chains of IPv6 extension headers, whose frames then count as truncated.
 */
#define SNAP_OCTETS 256

/* A frame as a source in user space has it. */
struct seen_frame {
    const unsigned char *data;
    uint32_t captured; /* octets of it that are there */
    uint32_t length;   /* of the whole frame, less the stripped tag */
    uint32_t stripped; /* the VLAN tag that the NIC or the kernel took out, as classify() has it */
    uint32_t gso_size; /* payload of each segment of a merged frame, else 0 */
    uint64_t timestamp_ns;
};

/* What libpcap has of a frame; HEADER's timestamp counts nanoseconds. */
struct seen_frame decode_header(const struct pcap_pkthdr *header, const unsigned char *data);

/*
 * Classifies the frame and counts it in STATISTICS as what was on the wire. What there is to tell
 * of it is written to RECORDS from *COUNT on, where there must be room for FRAME_RECORDS, and added
 * to *COUNT; the frame's own record is the last, and there is none unless the outcome, which is
 * returned, is a protocol.
 */
enum outcome decode_seen(const struct classifier *classifier, const struct seen_frame *seen,
                         struct source_statistics *statistics, struct frame_record *records,
                         size_t *count);

#endif
