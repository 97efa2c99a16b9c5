/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/comparison.h"

#include <stdlib.h>
#include <string.h>

#include "compare/files/joint_frames.h"
#include "compare/lineages.h"
#include "compare/way.h"

void comparison_release(struct comparison *comparison)
{
    pairs_release(&comparison->pairs);
    for (size_t i = 0; i < comparison->count; i++)
        delay_times_release(&comparison->sas[i].figures.times);
    free(comparison->sas);
    free(comparison->lineages);
    comparison->sas = NULL;
    comparison->lineages = NULL;
    comparison->count = 0;
}

/* --- SAs that one point alone saw --- */

/* The peers of SAs that both points saw. Other SAs between the same peers also pass both points. */
struct ends {
    struct flow_key *keys; /* sorted */
    size_t count;
};

static struct flow_key ends_of(const struct point_sa *at)
{
    struct flow_key key = at->sa.key;

    if (key.family)
        key.identifier = key.ports = 0;
    return key;
}

static int compare_keys(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct flow_key));
}

/* Sets ENDS to those of PAIRS, as A saw them, or as B did. */
static int list_ends(struct ends *ends, const struct pairs *pairs, int as_b_did)
{
    *ends = (struct ends){.keys = calloc(pairs->count + 1, sizeof(*ends->keys))};
    if (!ends->keys)
        return -1;
    for (size_t i = 0; i < pairs->count; i++)
        if (pairs->pairs[i].a && pairs->pairs[i].b)
            ends->keys[ends->count++] = ends_of(as_b_did ? pairs->pairs[i].b : pairs->pairs[i].a);
    if (ends->count)
        qsort(ends->keys, ends->count, sizeof(*ends->keys), compare_keys);
    return 0;
}

static int are_known(const struct ends *ends, const struct point_sa *at)
{
    struct flow_key key = ends_of(at);

    return ends->count && bsearch(&key, ends->keys, ends->count, sizeof(key), compare_keys) != NULL;
}

/* --- the SAs --- */

static struct passage passage_of(const struct comparison *comparison, const struct pair *pair)
{
    struct passage passage = {
        .from = comparison->a,
        .to = comparison->b,
        .first = pair->a,
        .second = pair->b,
        .shift = pair->shift,
    };

    passage_measure(&passage, pair->a && pair->b ? pair->offset_ns : comparison->pairs.offset_ns);
    return passage;
}

/* Whether frames of PASSAGE, whose sender began anew, took so long at its start or end that points
 * may have counted them to another SA. */
static int has_slow_frames(const struct passage *passage)
{
    if (!passage->first || !passage->second || !passage->first->joint)
        return 0;
    return passage->start_most_ns - passage->start_offset_ns > JOINT_SAME_NS ||
           passage->end_most_ns - passage->end_offset_ns > JOINT_SAME_NS;
}

/* Whether the database of a point of PAIR had no room for gaps of the SA. */
static int lacks_gaps(const struct pair *pair)
{
    return (pair->a && pair->a->is_incomplete) || (pair->b && pair->b->is_incomplete);
}

/* Adds the SA of PAIR, unless its path does not lead past both points. */
static void add_sa(struct comparison *comparison, const struct pair *pair, const struct ends *of_a,
                   const struct ends *of_b)
{
    struct compared_sa *sa = &comparison->sas[comparison->count];

    if (!pair->b && !are_known(of_a, pair->a)) {
        comparison->only_a++;
        return;
    }
    if (!pair->a && !are_known(of_b, pair->b)) {
        comparison->only_b++;
        return;
    }
    *sa = (struct compared_sa){.passage = passage_of(comparison, pair)};
    sa->is_mixed = pair->is_mixed || has_slow_frames(&sa->passage) || lacks_gaps(pair);
    comparison->count++;
}

static int list_sas(struct comparison *comparison)
{
    const struct pairs *pairs = &comparison->pairs;
    struct ends of_a = {0}, of_b = {0};
    int status = -1;

    comparison->sas = calloc(pairs->count + 1, sizeof(*comparison->sas));
    if (comparison->sas && list_ends(&of_a, pairs, 0) == 0 && list_ends(&of_b, pairs, 1) == 0) {
        for (size_t i = 0; i < pairs->count; i++)
            add_sa(comparison, &pairs->pairs[i], &of_a, &of_b);
        status = 0;
    }
    free(of_a.keys);
    free(of_b.keys);
    return status;
}

/* Makes B the first point of PASSAGE. */
static void turn(struct passage *passage)
{
    int64_t offset_ns = -passage->offset_ns;
    struct passage turned = {
        .from = passage->to,
        .to = passage->from,
        .first = passage->second,
        .second = passage->first,
        .shift = -passage->shift,
    };

    passage_measure(&turned, offset_ns);
    *passage = turned;
}

/* Counts all SAs as if they went from A to B, finds those that go from B to A, and counts these
 * again. */
static int count_sas(struct comparison *comparison)
{
    struct delays delays = {0};
    int status = 0;

    for (size_t i = 0; i < comparison->count && status == 0; i++)
        status = passage_count(&comparison->sas[i].passage, &comparison->sas[i].figures, &delays);
    if (status == 0)
        status = ways_find(comparison);
    for (size_t i = 0; i < comparison->count && status == 0; i++) {
        struct compared_sa *sa = &comparison->sas[i];

        if (sa->way != WAY_B_TO_A)
            continue;
        turn(&sa->passage);
        delay_times_release(&sa->figures.times);
        status = passage_count(&sa->passage, &sa->figures, &delays);
    }
    delays_release(&delays);
    return status;
}

/* Leaves out SAs of which no frame came while both points watched. */
static void leave_out_empty(struct comparison *comparison)
{
    size_t kept = 0;

    for (size_t i = 0; i < comparison->count; i++)
        if (comparison->sas[i].figures.first_ns)
            comparison->sas[kept++] = comparison->sas[i];
        else
            delay_times_release(&comparison->sas[i].figures.times);
    comparison->count = kept;
}

/* --- the whole --- */

static void sum_up(struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->count; i++) {
        const struct compared_sa *sa = &comparison->sas[i];
        const struct delay_figures *delay = &sa->figures.times.whole;

        comparison->sas_of[sa->way]++;
        comparison->mixed_of[sa->way] += (size_t)sa->is_mixed;
        passage_figures_add(&comparison->total[sa->way], &sa->figures);
        if (!delay->samples)
            continue;
        if (!comparison->samples[sa->way] || delay->min < comparison->least_ns[sa->way])
            comparison->least_ns[sa->way] = delay->min;
        comparison->samples[sa->way] += delay->samples;
    }
    comparison->is_offset_bounded =
        comparison->samples[WAY_A_TO_B] && comparison->samples[WAY_B_TO_A] &&
        comparison->least_ns[WAY_A_TO_B] + comparison->least_ns[WAY_B_TO_A] >= 0;
}

static int compare_sas(const void *left, const void *right)
{
    const struct compared_sa *a = left;
    const struct compared_sa *b = right;
    const struct point_sa *of_a = a->passage.first ? a->passage.first : a->passage.second;
    const struct point_sa *of_b = b->passage.first ? b->passage.first : b->passage.second;
    int keys = memcmp(&of_a->sa.key, &of_b->sa.key, sizeof(of_a->sa.key));

    if (keys)
        return keys;
    if (of_a->sa.association != of_b->sa.association)
        return of_a->sa.association < of_b->sa.association ? -1 : 1;
    return (of_a->sa.first_ns > of_b->sa.first_ns) - (of_a->sa.first_ns < of_b->sa.first_ns);
}

int comparison_make(struct comparison *comparison, const struct point *a, const struct point *b,
                    enum match match, struct error *error)
{
    *comparison = (struct comparison){.a = a, .b = b};
    if (align(&comparison->pairs, a, b, match, error) < 0)
        return -1;
    if (list_sas(comparison) < 0 || count_sas(comparison) < 0)
        return error_set(error, "no memory to compare the SAs");
    leave_out_empty(comparison);
    if (comparison->count)
        qsort(comparison->sas, comparison->count, sizeof(*comparison->sas), compare_sas);
    sum_up(comparison);
    return lineages_sum(comparison) < 0 ? error_set(error, "no memory for the lineages") : 0;
}
