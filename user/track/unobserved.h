/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Frames that the sensor missed (include/missed.h), one by one as if it had not. */
#ifndef GAPWATCH_TRACK_UNOBSERVED_H
#define GAPWATCH_TRACK_UNOBSERVED_H

#include <stdint.h>

#include "missed.h"

struct unobserved {
    const struct missed_frames *missed;
    uint64_t frames; /* with a number, in all */
    uint64_t done;
    uint32_t run;    /* of the next */
    uint32_t in_run; /* numbers of it that are done */
};

/* Starts with the first of MISSED, whose protocol numbers its frames. */
void unobserved_begin(struct unobserved *walk, const struct missed_frames *missed);

/* Writes the next frame's RECORD: its number is what it was; time and length are what is likely,
 * and add up. Returns 0 when there is none left. */
int unobserved_next(struct unobserved *walk, struct frame_record *record);

#endif
