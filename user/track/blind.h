/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * When the sensor was blind: spans of time in which it lost frames, or saw none, and nothing says
 * which. What is missing across such a span may have been lost by the network or by the sensor.
 */
#ifndef GAPWATCH_TRACK_BLIND_H
#define GAPWATCH_TRACK_BLIND_H

#include <stddef.h>
#include <stdint.h>

/* More than this are merged, the oldest first: that can only make more gaps undetermined. */
#define BLIND_SPOTS_MAX 64

struct blind_spot {
    uint64_t from_ns;
    uint64_t until_ns;
};

struct blind_spots {
    struct blind_spot spots[BLIND_SPOTS_MAX]; /* by rising time */
    size_t count;
};

/* The sensor was blind at some time from FROM_NS to UNTIL_NS. What is not after all that was added
 * extends the newest. */
void blind_spots_add(struct blind_spots *blind, uint64_t from_ns, uint64_t until_ns);

/* Whether any spot has a moment in common with FROM_NS to UNTIL_NS. */
int blind_spots_touch(const struct blind_spots *blind, uint64_t from_ns, uint64_t until_ns);

/* The clock was set: moves all by STEP_NS. */
void blind_spots_shift_time(struct blind_spots *blind, int64_t step_ns);

#endif
