/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Splits datagrams that the kernel merged on reception (GRO). All but the last have the same
 * length, and each has its own identifier and number (classify/segments.h). Some sources know the
 * length; for others it is found by looking for the header of the second one.
 */
#ifndef GAPWATCH_SOURCE_MERGED_H
#define GAPWATCH_SOURCE_MERGED_H

#include <stddef.h>
#include <stdint.h>

#include "classify/segments.h"
#include "source/decode.h"

/* Whether merged_guess_size() can find out if RECORD, as classified in WALK from SEEN, stands for
 * several datagrams: it has ESP in UDP, WireGuard, OpenVPN on its own port, or another numbered
 * protocol and is longer than usual frames. */
int merged_can_be_guessed(const struct seen_frame *seen, const struct walk *walk,
                          const struct frame_record *record);

/*
 * For sources that do not know the length: finds the payload of each datagram of SEEN, in octets,
 * by looking for a second header of the same SA with a close number. Returns 0 when there is
 * none. If too little was captured to tell, and the frame is longer than usual Ethernet frames,
 * sets RECORD_MERGED in RECORD: the number of datagrams is unknown.
 */
uint32_t merged_guess_size(const struct seen_frame *seen, const struct walk *walk,
                           struct frame_record *record);

/*
 * Splits RECORDS[0], the record of SEEN, which was merged from datagrams with GSO_SIZE octets of
 * payload and counted by count_segments(). Replaces it by at most FRAME_RECORDS_MAX records.
 * Datagrams with consecutive numbers share a record, as do those whose numbers were not captured.
 * Returns the number of records.
 */
size_t merged_split(const struct seen_frame *seen, const struct walk *walk, uint32_t gso_size,
                    struct frame_record *records);

#endif
