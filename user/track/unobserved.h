/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Turns frames that the sensor missed (include/missed.h) into single records. */
#ifndef GAPWATCH_TRACK_UNOBSERVED_H
#define GAPWATCH_TRACK_UNOBSERVED_H

#include <stdint.h>

#include "missed.h"

struct unobserved {
    const struct missed_frames *missed;
    uint64_t frames; /* frames with a number */
    uint64_t done;   /* frames returned so far */
    uint32_t run;    /* run of the next frame */
    uint32_t in_run; /* numbers of that run returned so far */
};

/* Starts with the first frame of MISSED, whose protocol numbers its frames. */
void unobserved_begin(struct unobserved *walk, const struct missed_frames *missed);

/* Writes the record of the next frame. Its number is exact; time and length are estimates, which
 * add up to the known sums. Returns 1, or 0 when there is no further frame. */
int unobserved_next(struct unobserved *walk, struct frame_record *record);

#endif
