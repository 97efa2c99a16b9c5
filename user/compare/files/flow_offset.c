/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/files/flow_offset.h"

#include <stdlib.h>

/* How many frames of an SA, and of all SAs of a flow, are looked up at the other point. */
#define PROBES     16
#define PROBES_MAX 1024

/* Of the differences nearest to the usual one, one of so many is left out: frames may be copies. */
#define FEW 20

/* Times at B minus times at A of frames of one flow, less those of most flows. */
struct differences {
    int64_t ns[PROBES_MAX];
    size_t count;
};

static int compare_pairs(const void *left, const void *right)
{
    const struct pair *a = left;
    const struct pair *b = right;

    return ((uintptr_t)a->a > (uintptr_t)b->a) - ((uintptr_t)a->a < (uintptr_t)b->a);
}

void flow_offsets_prepare(struct pairs *pairs)
{
    if (pairs->count)
        qsort(pairs->pairs, pairs->count, sizeof(*pairs->pairs), compare_pairs);
}

/* Orders differences by how far they are from 0. */
static int compare_differences(const void *left, const void *right)
{
    int64_t a = llabs(*(const int64_t *)left), b = llabs(*(const int64_t *)right);

    return (a > b) - (a < b);
}

/* The index of the first of PAIRS whose SA at A is SA or behind it. */
static size_t find_pair(const struct pairs *pairs, const struct point_sa *sa)
{
    size_t from = 0, until = pairs->count;

    while (from < until) {
        size_t middle = from + (until - from) / 2;

        if ((uintptr_t)pairs->pairs[middle].a < (uintptr_t)sa)
            from = middle + 1;
        else
            until = middle;
    }
    return from;
}

/* Adds those of some frames of PAIR, less USUAL_NS. There is room for them. */
static void add_differences(struct differences *found, const struct pair *pair, int64_t usual_ns)
{
    const struct point_sa *a = pair->a, *b = pair->b;
    size_t probes = b->rising_count < PROBES ? b->rising_count : PROBES;

    for (size_t i = 0; i < probes; i++) {
        const struct sighting *there = &b->rising[i * b->rising_count / probes];
        uint64_t number = there->number + pair->shift;
        size_t at = point_sa_find(a, (int64_t)number);

        if (at < a->rising_count && a->rising[at].number == number)
            found->ns[found->count++] =
                (int64_t)(there->time_ns - a->rising[at].time_ns) - usual_ns;
    }
}

int64_t flow_offset(const struct pairs *pairs, const struct point_sa *sas, size_t count)
{
    struct differences found = {.count = 0};
    int64_t usual_ns = pairs->offset_ns;

    for (size_t at = find_pair(pairs, sas); at < pairs->count; at++) {
        const struct pair *pair = &pairs->pairs[at];

        if (pair->a >= sas + count || found.count + PROBES > PROBES_MAX)
            break;
        if (pair->b && llabs(pair->offset_ns - usual_ns) <= CLOCKS_AGREE_NS)
            add_differences(&found, pair, usual_ns);
    }
    if (!found.count)
        return usual_ns;
    qsort(found.ns, found.count, sizeof(*found.ns), compare_differences);
    return usual_ns + found.ns[found.count / FEW];
}
