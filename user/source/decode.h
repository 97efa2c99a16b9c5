/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Makes a record of a frame, for all sources in user space. */
#ifndef GAPWATCH_SOURCE_DECODE_H
#define GAPWATCH_SOURCE_DECODE_H

#include <pcap/pcap.h>

#include "classify.h"
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

/* Classifies the frame, counts it in STATISTICS as it was on the wire, and fills in RECORD. Returns
 * the outcome; RECORD is valid when that is a protocol. */
enum outcome decode_seen(enum link_type link, const struct seen_frame *seen,
                         struct source_statistics *statistics, struct frame_record *record);

/* The same for a frame from libpcap. The timestamp in HEADER has nanoseconds. */
enum outcome decode_frame(enum link_type link, const struct pcap_pkthdr *header,
                          const unsigned char *data, struct source_statistics *statistics,
                          struct frame_record *record);

#endif
