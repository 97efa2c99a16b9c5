/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Datagrams of ESP that the kernel merged into one on their way in (GRO). All but the last are
 * equally long, and each has an SPI and a number of its own. Some sources say how long they are;
 * where nothing says so, the frame's own octets tell.
 */
#ifndef GAPWATCH_SOURCE_MERGED_H
#define GAPWATCH_SOURCE_MERGED_H

#include <stddef.h>
#include <stdint.h>

#include "segments.h"
#include "source/decode.h"

/* Whether RECORD, as classified in WALK, may be of several datagrams: it has ESP in UDP. */
static inline int merged_is_possible(const struct walk *walk, const struct frame_record *record)
{
    return walk->in_udp && record->key.protocol == OUTCOME_ESP;
}

/*
 * The payload in octets of each datagram that SEEN was merged of, where that is possible and the
 * source does not say: found by a second ESP header with the same SPI and a number near the first.
 * Returns 0 when there is none. When too little was captured to find one, and the frame is longer
 * than Ethernet's usual ones, RECORD gets RECORD_MERGED: nobody knows of how many.
 */
uint32_t merged_guess_size(const struct seen_frame *seen, const struct walk *walk,
                           struct frame_record *record);

/*
 * RECORDS[0] is that of SEEN, merged of datagrams with GSO_SIZE octets of payload, and counted with
 * count_segments(). Replaces it by those of the datagrams, at most FRAME_RECORDS_MAX: numbers that
 * follow each other share one, and so do the datagrams whose numbers were not captured. Returns
 * how many records there are.
 */
size_t merged_split(const struct seen_frame *seen, const struct walk *walk, uint32_t gso_size,
                    struct frame_record *records);

#endif
