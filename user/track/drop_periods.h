/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Times of uncertain loss: spans in which the sensor lost frames or saw none. The lost frames are
 * not known. Numbers missing across such a span may be lost by the network or by the sensor. */
#ifndef GAPWATCH_TRACK_DROP_PERIODS_H
#define GAPWATCH_TRACK_DROP_PERIODS_H

#include <stddef.h>
#include <stdint.h>

/* When there are more, the oldest two are merged, which can only make more gaps undetermined. */
#define DROP_PERIODS_MAX 64

struct drop_period {
    uint64_t from_ns;
    uint64_t until_ns;
};

struct drop_periods {
    struct drop_period periods[DROP_PERIODS_MAX]; /* in order of time */
    size_t count;
};

/* Adds the span FROM_NS to UNTIL_NS. If it is not later than the newest, it extends that one. */
void drop_periods_add(struct drop_periods *drops, uint64_t from_ns, uint64_t until_ns);

/* Whether any span has a moment in common with FROM_NS to UNTIL_NS. */
int drop_periods_touch(const struct drop_periods *drops, uint64_t from_ns, uint64_t until_ns);

/* The clock was set: moves all spans by STEP_NS. */
void drop_periods_shift_time(struct drop_periods *drops, int64_t step_ns);

#endif
