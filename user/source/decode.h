/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* From libpcap's view of a frame to a record: what every source in user space does with a frame. */
#ifndef GAPWATCH_SOURCE_DECODE_H
#define GAPWATCH_SOURCE_DECODE_H

#include <pcap/pcap.h>

#include "classify.h"
#include "source/source.h"

/* The classifier's link type for libpcap's DLT. Returns 0, or -1: not one that is supported. */
int link_type_of(int dlt, enum link_type *link);

/*
 * Classifies the frame, counts it in STATISTICS, and writes its RECORD. HEADER's timestamp counts
 * nanoseconds. Returns the outcome; the record is of use when that is a protocol.
 */
enum outcome decode_frame(enum link_type link, const struct pcap_pkthdr *header,
                          const unsigned char *data, struct source_statistics *statistics,
                          struct frame_record *record);

#endif
