/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Times of uncertain loss: spans in which the sensor lost frames or saw none, and cannot tell
 * which. Numbers missing across such a span may be lost by the network or by the sensor. */
#ifndef GAPWATCH_TRACK_BLIND_H
#define GAPWATCH_TRACK_BLIND_H

#include <stddef.h>
#include <stdint.h>

/* When there are more, the oldest two are merged, which can only make more gaps undetermined. */
#define BLIND_SPOTS_MAX 64

struct blind_spot {
    uint64_t from_ns;
    uint64_t until_ns;
};

struct blind_spots {
    struct blind_spot spots[BLIND_SPOTS_MAX]; /* in order of time */
    size_t count;
};

/* Adds the span FROM_NS to UNTIL_NS. If it is not later than the newest, it extends that one. */
void blind_spots_add(struct blind_spots *blind, uint64_t from_ns, uint64_t until_ns);

/* Whether any span has a moment in common with FROM_NS to UNTIL_NS. */
int blind_spots_touch(const struct blind_spots *blind, uint64_t from_ns, uint64_t until_ns);

/* The clock was set: moves all spans by STEP_NS. */
void blind_spots_shift_time(struct blind_spots *blind, int64_t step_ns);

#endif
