/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/match/fit.h"

#include <math.h>

#include "numbered.h"

/* How many numbers of B are looked up at A. */
#define PROBES_MAX 64

/* Without common times, less than any number that both saw. */
#define WEIGHT_OF_ENDS 1e-3

/* How many gaps are compared with those of the other point. */
#define GAPS_COMPARED 1024

/* So many gaps, and twice as many as chance would have it, show that SAs are the same. */
#define SAME_GAPS_MIN 4

#define EPOCHS_MAX 4 /* rounds of the numbers on the wire that are tried */

static int64_t lowest(const struct point_sa *sa)
{
    return (int64_t)sa->rising[0].number;
}

static int64_t highest(const struct point_sa *sa)
{
    return (int64_t)sa->rising[sa->rising_count - 1].number;
}

/* The smallest multiple of EPOCH that is at least VALUE. */
static int64_t next_epoch(int64_t value, int64_t epoch)
{
    int64_t rest = value % epoch;

    return rest > 0 ? value - rest + epoch : value - rest;
}

/* Looks up numbers of SPARSE in DENSE, whose numbers are SHIFT higher. Sets the weight of FIT, and
 * OFFSET_NS to the smallest time there minus time here. */
static void probe(struct fit *fit, const struct point_sa *sparse, const struct point_sa *dense,
                  int64_t shift, int is_reverse)
{
    size_t from = point_sa_find(sparse, lowest(dense) - shift);
    size_t count = point_sa_find(sparse, highest(dense) - shift + 1) - from;
    size_t probes = count < PROBES_MAX ? count : PROBES_MAX;
    unsigned hits = 0;
    double share;

    for (size_t i = 0; i < probes; i++) {
        const struct sighting *here = &sparse->rising[from + i * count / probes];
        int64_t number = (int64_t)here->number + shift;
        size_t found = point_sa_find(dense, number);
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

/* About when NUMBER, which is one of SA's, came: between the nearest frames whose times are known.
 */
static int64_t time_of(const struct point_sa *sa, int64_t number)
{
    struct sighting before = {.number = sa->sa.first_sequence, .time_ns = sa->sa.first_ns};
    struct sighting after = {.number = sa->sa.last_sequence, .time_ns = sa->sa.last_ns};
    size_t next = point_sa_find(sa, number);

    if (next > 0)
        before = sa->rising[next - 1];
    if (next < sa->rising_count)
        after = sa->rising[next];
    if (after.number <= before.number)
        return (int64_t)after.time_ns;
    return (int64_t)before.time_ns + (int64_t)((double)(int64_t)(after.time_ns - before.time_ns) *
                                               (double)(number - (int64_t)before.number) /
                                               (double)(after.number - before.number));
}

/* A fit of SAs of which no frame is known to both, by the ranges of their numbers: the round of
 * numbers with which most are common, and the times at which both reached the last of these. */
static struct fit fit_of_ends(const struct point_sa *a, const struct point_sa *b, int64_t epoch)
{
    int64_t first_a = (int64_t)a->sa.first_sequence, last_a = (int64_t)a->sa.last_sequence;
    int64_t first_b = (int64_t)b->sa.first_sequence, last_b = (int64_t)b->sa.last_sequence;
    int64_t shift = next_epoch(first_a - last_b, epoch), most = -1;
    struct fit fit = {0};

    for (unsigned i = 0; i < EPOCHS_MAX && shift <= last_a - first_b; i++, shift += epoch) {
        int64_t last = last_a < last_b + shift ? last_a : last_b + shift;
        int64_t common = last - (first_a > first_b + shift ? first_a : first_b + shift);

        if (common <= most)
            continue;
        most = common;
        fit = (struct fit){
            .weight = WEIGHT_OF_ENDS,
            .shift = (uint64_t)shift,
            .offset_ns = time_of(b, last - shift) - time_of(a, last),
        };
    }
    return fit;
}

/* The index of the first gap of SA that begins at NUMBER or behind it. */
static size_t find_gap(const struct point_sa *sa, int64_t number)
{
    size_t from = 0, until = sa->gap_count;

    while (from < until) {
        size_t middle = from + (until - from) / 2;

        if ((int64_t)sa->gaps[middle].first < number)
            from = middle + 1;
        else
            until = middle;
    }
    return from;
}

/*
 * How many more gaps of A, whose numbers are SHIFT higher, B has as well than chance would have it.
 * Samples are of numbers that a hash chooses, which an SA that uses these numbers again has, too;
 * what was lost in front of both points is missing in one SA alone.
 */
static double same_gaps(const struct point_sa *a, const struct point_sa *b, int64_t shift)
{
    int64_t first_a = (int64_t)a->sa.first_sequence, first_b = (int64_t)b->sa.first_sequence;
    int64_t from = first_a > first_b + shift ? first_a : first_b + shift, last = from;
    size_t begin_a = find_gap(a, from), begin_b = find_gap(b, from - shift);
    size_t i = begin_a, k = begin_b, same = 0;
    double chance;

    while (i < a->gap_count && k < b->gap_count && i - begin_a + k - begin_b < GAPS_COMPARED) {
        const struct missing *of_a = &a->gaps[i], *of_b = &b->gaps[k];
        int64_t behind = (int64_t)of_b->first + shift - (int64_t)of_a->first;

        same += behind == 0 && of_a->last - of_a->first == of_b->last - of_b->first;
        last = behind >= 0 ? (int64_t)of_a->first : (int64_t)of_b->first + shift;
        i += behind >= 0;
        k += behind <= 0;
    }
    chance = (double)(i - begin_a) * (double)(k - begin_b) / (double)(last - from + 1);
    return same >= SAME_GAPS_MIN && (double)same > 2 * chance ? (double)same - chance : 0;
}

/* The best fit by times and numbers alone. */
static struct fit fit_of_numbers(const struct point_sa *a, const struct point_sa *b)
{
    unsigned bits = number_bits(a->sa.key.protocol);
    int64_t epoch = INT64_C(1) << (bits < NUMBER_BITS_MAX ? bits : NUMBER_BITS_MAX - 1);
    struct fit best = {0};
    int64_t shift;

    if (!a->rising_count || !b->rising_count)
        return fit_of_ends(a, b, epoch);
    shift = next_epoch(lowest(a) - highest(b), epoch);
    for (unsigned i = 0; i < EPOCHS_MAX && shift <= highest(a) - lowest(b); i++, shift += epoch) {
        struct fit fit = fit_with(a, b, shift);

        if (fit.weight > best.weight)
            best = fit;
    }
    if (best.weight == 0 && (a->is_sampled || b->is_sampled))
        return fit_of_ends(a, b, epoch);
    return best;
}

/* How much samples of both points tell about the offset of the clocks, if their fit has WEIGHT. SAs
 * that are not one have the same samples as well if they have the same numbers, so many samples of
 * one pair tell less than a few of each of several pairs whose offsets agree. The root takes back
 * the power in probe(), which leaves about the share of samples that are common. */
static double votes_of_samples(double weight)
{
    return pow(weight, 1.0 / 8);
}

struct fit fit_of(const struct point_sa *a, const struct point_sa *b)
{
    struct fit fit = fit_of_numbers(a, b);
    double gaps;

    fit.votes = fit.weight;
    if (fit.weight > 0 && a->is_sampled && b->is_sampled) {
        gaps = same_gaps(a, b, (int64_t)fit.shift);
        fit.votes = votes_of_samples(fit.weight) + gaps;
        fit.weight += gaps;
    }
    return fit;
}
