/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/fit.h"

/* As many numbers of B are looked up at A. */
#define PROBES_MAX 64

#define EPOCH      (INT64_C(1) << 32)
#define EPOCHS_MAX 4 /* as many multiples of 2^32 are tried */

/* The index of the first of SA's rising frames whose number is at least NUMBER. */
static size_t find_from(const struct point_sa *sa, int64_t number)
{
    size_t from = 0, until = sa->rising_count;

    while (from < until) {
        size_t middle = from + (until - from) / 2;

        if ((int64_t)sa->rising[middle].number < number)
            from = middle + 1;
        else
            until = middle;
    }
    return from;
}

static int64_t lowest(const struct point_sa *sa)
{
    return (int64_t)sa->rising[0].number;
}

static int64_t highest(const struct point_sa *sa)
{
    return (int64_t)sa->rising[sa->rising_count - 1].number;
}

/* The smallest multiple of EPOCH that is at least VALUE. */
static int64_t next_epoch(int64_t value)
{
    int64_t rest = value % EPOCH;

    return rest > 0 ? value - rest + EPOCH : value - rest;
}

/* The fit of A and B when SHIFT is added to B's numbers. */
static struct fit fit_with(const struct point_sa *a, const struct point_sa *b, int64_t shift)
{
    size_t from = find_from(b, lowest(a) - shift);
    size_t count = find_from(b, highest(a) - shift + 1) - from;
    size_t probes = count < PROBES_MAX ? count : PROBES_MAX;
    struct fit fit = {.shift = (uint64_t)shift};
    unsigned hits = 0;
    double share;

    for (size_t i = 0; i < probes; i++) {
        const struct sighting *at_b = &b->rising[from + i * count / probes];
        int64_t number = (int64_t)at_b->number + shift;
        size_t found = find_from(a, number);
        int64_t offset_ns;

        if (found == a->rising_count || (int64_t)a->rising[found].number != number)
            continue;
        offset_ns = (int64_t)(at_b->time_ns - a->rising[found].time_ns);
        if (!hits++ || offset_ns < fit.offset_ns)
            fit.offset_ns = offset_ns;
    }
    share = probes ? (double)hits / (double)probes : 0;
    share *= share;
    share *= share;
    fit.weight = (double)count * share * share; /* B sees little that A does not */
    return fit;
}

struct fit fit_of(const struct point_sa *a, const struct point_sa *b)
{
    struct fit best = {0};
    int64_t shift;

    if (!a->rising_count || !b->rising_count)
        return best;
    shift = next_epoch(lowest(a) - highest(b));
    for (unsigned i = 0; i < EPOCHS_MAX && lowest(b) + shift <= highest(a); i++, shift += EPOCH) {
        struct fit fit = fit_with(a, b, shift);

        if (fit.weight > best.weight)
            best = fit;
    }
    return best;
}
