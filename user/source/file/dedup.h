/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Finds frames that were captured twice: by a mirror of both directions of a port, or by two taps.
 * A copy has the same flow and number and, behind the header of its protocol, the same octets.
 * Headers in front may differ: tags, tunnels, the hop count of IP; so may the padding and the FCS
 * behind.
 */
#ifndef GAPWATCH_SOURCE_FILE_DEDUP_H
#define GAPWATCH_SOURCE_FILE_DEDUP_H

#include <stdint.h>

#include "source/decode.h"

/* The most frames that are remembered. When more come within the time, the oldest are forgotten. */
#define DEDUP_FRAMES_MAX (1u << 19)

struct dedup;

/* Makes a memory of the frames of the last WINDOW_NS. Returns NULL: no memory. */
struct dedup *dedup_make(uint64_t window_ns);
/* DEDUP may be NULL. */
void dedup_free(struct dedup *dedup);

/*
 * Whether SEEN, whose first record is RECORD, is a copy of a frame that DEDUP remembers; if not,
 * remembers it. CLASSIFIER is the one that made the record. Where copies have another key, because
 * VLAN tags are part of it, RECORD gets the key of the one that came first.
 */
int dedup_is_copy(struct dedup *dedup, const struct classifier *classifier,
                  const struct seen_frame *seen, struct frame_record *record);

/*
 * Takes the next frame that is forgotten at NOW_NS (UINT64_MAX: all are) and had no copy. Sets
 * RECORD to its record. Returns 0 when there is none.
 */
int dedup_take_single(struct dedup *dedup, uint64_t now_ns, struct frame_record *record);

/* The number of frames that DEDUP had to forget before their time. */
uint64_t dedup_forgotten(const struct dedup *dedup);

#endif
