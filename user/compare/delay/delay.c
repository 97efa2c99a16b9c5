/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/delay/delay.h"

#include <stdlib.h>

#include "base/wide.h"

#define FIRST_CAPACITY 1024

int delays_add(struct delays *delays, int64_t delay_ns)
{
    if (delays->count == delays->capacity) {
        size_t capacity = delays->capacity ? 2 * delays->capacity : FIRST_CAPACITY;
        int64_t *values = realloc(delays->values, capacity * sizeof(*values));

        if (!values)
            return -1;
        delays->values = values;
        delays->capacity = capacity;
    }
    delays->values[delays->count++] = delay_ns;
    return 0;
}

void delays_clear(struct delays *delays)
{
    delays->count = 0;
}

void delays_release(struct delays *delays)
{
    free(delays->values);
    *delays = (struct delays){0};
}

static void swap(int64_t *a, int64_t *b)
{
    int64_t kept = *a;

    *a = *b;
    *b = kept;
}

static int64_t middle_of(int64_t a, int64_t b, int64_t c)
{
    if (a < b)
        return b < c ? b : a < c ? c : a;
    return a < c ? a : b < c ? c : b;
}

/* Orders VALUES from index FROM to UNTIL so far that the one at index PLACE is where sorting would
 * put it, with none larger in front of it and none smaller behind it (Hoare's selection). */
static int64_t select_at(int64_t *values, size_t from, size_t until, size_t place)
{
    while (from < until) {
        int64_t pivot = middle_of(values[from], values[from + (until - from) / 2], values[until]);
        size_t left = from, right = until;

        for (;;) {
            while (values[left] < pivot)
                left++;
            while (values[right] > pivot)
                right--;
            if (left >= right)
                break;
            swap(&values[left++], &values[right--]);
        }
        if (place <= right)
            until = right;
        else
            from = right + 1;
    }
    return values[place];
}

/* The index of the smallest of COUNT sorted values that PERCENT of them do not exceed. */
static size_t rank(size_t count, unsigned percent)
{
    return (count * percent + 99) / 100 - 1;
}

struct delay_figures delays_figures_of(const struct delays *delays, size_t from, size_t count)
{
    struct delay_figures figures = {.samples = count};
    int64_t *values = delays->values + from;
    wide above = wide_of(0, 0); /* the sum of the differences from the smallest */
    size_t p50, p95;

    if (!count)
        return figures;
    figures.min = figures.max = values[0];
    for (size_t i = 0; i < count; i++) {
        figures.min = values[i] < figures.min ? values[i] : figures.min;
        figures.max = values[i] > figures.max ? values[i] : figures.max;
    }
    for (size_t i = 0; i < count; i++)
        above = wide_add(above, wide_of(0, (uint64_t)values[i] - (uint64_t)figures.min));
    figures.mean = (double)figures.min + wide_to_double(above) / (double)count;
    p50 = rank(count, 50);
    p95 = rank(count, 95);
    figures.p50 = select_at(values, 0, count - 1, p50);
    figures.p95 = select_at(values, p50, count - 1, p95);
    figures.p99 = select_at(values, p95, count - 1, rank(count, 99));
    return figures;
}

struct delay_figures delays_figures(struct delays *delays)
{
    return delays->count ? delays_figures_of(delays, 0, delays->count) : (struct delay_figures){0};
}
