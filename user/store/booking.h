/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Loss on its way into the intervals. Each flow of a batch lost so much since it was written last;
 * gaps say when. What no gap says, because there were too many to be kept, is left at the end.
 */
#ifndef GAPWATCH_STORE_BOOKING_H
#define GAPWATCH_STORE_BOOKING_H

#include <stddef.h>
#include <stdint.h>

#include "track/cause.h"

struct booking {
    int64_t flow; /* its row */
    int64_t lost[CAUSE_COUNT];
};

struct bookings {
    struct booking *flows;
    size_t count;
    size_t capacity;
};

void bookings_clear(struct bookings *bookings);
void bookings_release(struct bookings *bookings);

/* The flow with row FLOW lost LOST more. Returns 0, or -1: no memory. */
int bookings_add(struct bookings *bookings, int64_t flow, const int64_t lost[CAUSE_COUNT]);

/* All are added: from now on they can be looked for. */
void bookings_sort(struct bookings *bookings);

/* A gap says when FLOW lost COUNT of them. */
void bookings_take(struct bookings *bookings, int64_t flow, enum gap_cause cause, int64_t count);

#endif
