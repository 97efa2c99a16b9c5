/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Distributes loss to intervals. A flow in a batch has lost some packets since it was last written,
 * and its gaps show when. Loss without a gap (when there were too many gaps to keep) is left at the
 * end. */
#ifndef GAPWATCH_STORE_WRITER_BOOKING_H
#define GAPWATCH_STORE_WRITER_BOOKING_H

#include <stddef.h>
#include <stdint.h>

#include "track/cause.h"

/* The loss of one flow. */
struct booking {
    int64_t flow; /* its row */
    int64_t lost[CAUSE_COUNT];
};

struct bookings {
    struct booking *flows;
    size_t count;
    size_t capacity;
};

/* Removes all entries of BOOKINGS. */
void bookings_clear(struct bookings *bookings);
/* Frees the entries of BOOKINGS. */
void bookings_release(struct bookings *bookings);

/* Adds LOST packets of the flow with row FLOW. Returns 0, or -1: no memory. */
int bookings_add(struct bookings *bookings, int64_t flow, const int64_t lost[CAUSE_COUNT]);

/* Called when all flows are added to BOOKINGS, before bookings_take(). */
void bookings_sort(struct bookings *bookings);

/* Subtracts COUNT lost packets of FLOW, whose time is known from a gap. */
void bookings_take(struct bookings *bookings, int64_t flow, enum gap_cause cause, int64_t count);

#endif
