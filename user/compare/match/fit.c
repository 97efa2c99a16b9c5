/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/match/fit.h"

/* As many numbers of B are looked up at A. */
#define PROBES_MAX 64

#define EPOCH (INT64_C(1) << 32)
/* Without common times, less than any number that both saw. */
#define WEIGHT_OF_ENDS 1e-3

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

/* Looks up numbers of SPARSE in DENSE, whose numbers are SHIFT higher. Sets the weight of FIT, and
 * OFFSET_NS to the smallest time there minus time here. */
static void probe(struct fit *fit, const struct point_sa *sparse, const struct point_sa *dense,
                  int64_t shift, int is_reverse)
{
    size_t from = find_from(sparse, lowest(dense) - shift);
    size_t count = find_from(sparse, highest(dense) - shift + 1) - from;
    size_t probes = count < PROBES_MAX ? count : PROBES_MAX;
    unsigned hits = 0;
    double share;

    for (size_t i = 0; i < probes; i++) {
        const struct sighting *here = &sparse->rising[from + i * count / probes];
        int64_t number = (int64_t)here->number + shift;
        size_t found = find_from(dense, number);
        int64_t offset_ns;

        if (found == dense->rising_count || (int64_t)dense->rising[found].number != number)
            continue;
        offset_ns = (int64_t)(here->time_ns - dense->rising[found].time_ns);
        offset_ns = is_reverse ? -offset_ns : offset_ns;
        if (!hits++ || offset_ns < fit->offset_ns)
            fit->offset_ns = offset_ns;
    }
    share = probes ? (double)hits / (double)probes : 0;
    share *= share;
    share *= share;
    fit->weight = (double)count * share * share; /* nearly all of them must be there */
}

/* The fit of A and B when SHIFT is added to B's numbers. */
static struct fit fit_with(const struct point_sa *a, const struct point_sa *b, int64_t shift)
{
    struct fit fit = {.shift = (uint64_t)shift};

    if (b->rising_count <= a->rising_count)
        probe(&fit, b, a, shift, 0);
    else
        probe(&fit, a, b, -shift, 1);
    return fit;
}

/* A fit of SAs without common times, by the ranges of their numbers: as if the last number that
 * both reached had arrived at both points at once. */
static struct fit fit_of_ends(const struct sa_change *a, const struct sa_change *b)
{
    struct fit fit = {.weight = WEIGHT_OF_ENDS};

    if (a->first_sequence > b->last_sequence || b->first_sequence > a->last_sequence)
        return (struct fit){0};
    fit.offset_ns = (int64_t)(b->last_ns - a->last_ns);
    return fit;
}

struct fit fit_of(const struct point_sa *a, const struct point_sa *b)
{
    struct fit best = {0};
    int64_t shift;

    if (!a->rising_count || !b->rising_count)
        return fit_of_ends(&a->sa, &b->sa);
    shift = next_epoch(lowest(a) - highest(b));
    for (unsigned i = 0; i < EPOCHS_MAX && lowest(b) + shift <= highest(a); i++, shift += EPOCH) {
        struct fit fit = fit_with(a, b, shift);

        if (fit.weight > best.weight)
            best = fit;
    }
    if (best.weight == 0 && (a->is_sampled || b->is_sampled))
        return fit_of_ends(&a->sa, &b->sa);
    return best;
}
