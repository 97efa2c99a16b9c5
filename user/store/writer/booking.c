/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/booking.h"

#include <stdlib.h>

#define FIRST_CAPACITY 256

void bookings_clear(struct bookings *bookings)
{
    bookings->count = 0;
}

void bookings_release(struct bookings *bookings)
{
    free(bookings->flows);
    *bookings = (struct bookings){0};
}

int bookings_add(struct bookings *bookings, int64_t flow, const int64_t lost[CAUSE_COUNT])
{
    if (bookings->count == bookings->capacity) {
        size_t capacity = bookings->capacity ? bookings->capacity * 2 : FIRST_CAPACITY;
        struct booking *flows = realloc(bookings->flows, capacity * sizeof(*flows));

        if (!flows)
            return -1;
        bookings->flows = flows;
        bookings->capacity = capacity;
    }
    bookings->flows[bookings->count++] = (struct booking){
        .flow = flow,
        .lost = {lost[CAUSE_NETWORK], lost[CAUSE_UNDETERMINED]},
    };
    return 0;
}

static int compare(const void *left, const void *right)
{
    int64_t a = ((const struct booking *)left)->flow;
    int64_t b = ((const struct booking *)right)->flow;

    return (a > b) - (a < b);
}

/* Joins the entries of a flow that left and came back. */
void bookings_sort(struct bookings *bookings)
{
    size_t count = 0;

    if (!bookings->count)
        return;
    qsort(bookings->flows, bookings->count, sizeof(*bookings->flows), compare);
    for (size_t i = 1; i < bookings->count; i++) {
        const struct booking *next = &bookings->flows[i];

        if (next->flow != bookings->flows[count].flow) {
            bookings->flows[++count] = *next;
            continue;
        }
        for (enum gap_cause cause = 0; cause < CAUSE_COUNT; cause++)
            bookings->flows[count].lost[cause] += next->lost[cause];
    }
    bookings->count = count + 1;
}

void bookings_take(struct bookings *bookings, int64_t flow, enum gap_cause cause, int64_t count)
{
    struct booking key = {.flow = flow};
    struct booking *found = NULL;

    if (bookings->count)
        found = bsearch(&key, bookings->flows, bookings->count, sizeof(key), compare);
    if (found)
        found->lost[cause] -= count;
}
