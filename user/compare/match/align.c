/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/match/align.h"

#include <math.h>
#include <stdlib.h>

#include "base/units.h"
#include "compare/match/fit.h"
#include "compare/match/group.h"
#include "compare/match/mixed.h"

/* With little jitter, they differ by less than this. */
#define NEAR_NS (CLOCKS_AGREE_NS / 50)

/* Weights are sums that were rounded. */
#define ROUNDING 1e-9

/* In a group with more candidates, only those whose times agree are tried. */
#define CANDIDATES_MAX 4096

/* The most candidates of one group that are tried. Only a forged database has more, with thousands
 * of SAs of one flow at the same time. */
#define CANDIDATES_TRIED (1 << 18)

/* One possible pair, with the offset of the clocks that follows from it. */
struct candidate {
    struct fit fit;
    struct member *a;
    struct member *b;
    int agrees; /* 2: its offset is near that of the clocks, 1: not far from it */
};

struct candidates_found {
    struct candidate *candidates;
    size_t count;
    size_t capacity;
};

/* --- candidates --- */

/* Whether the times of A and B agree when OFFSET_NS is added to A's. */
static int is_at_same_time(const struct sa_change *a, const struct sa_change *b, int64_t offset_ns)
{
    int64_t from = (int64_t)(a->first_ns - b->last_ns) + offset_ns;
    int64_t until = (int64_t)(a->last_ns - b->first_ns) + offset_ns;

    return from <= CLOCKS_AGREE_NS && until >= -CLOCKS_AGREE_NS;
}

static int add_candidate(struct candidates_found *found, const struct candidate *candidate)
{
    if (found->count == found->capacity) {
        size_t capacity = found->capacity ? 2 * found->capacity : CANDIDATES_MAX;
        struct candidate *candidates = realloc(found->candidates, capacity * sizeof(*candidates));

        if (!candidates)
            return -1;
        found->candidates = candidates;
        found->capacity = capacity;
    }
    found->candidates[found->count++] = *candidate;
    return 0;
}

/* Whether A and B were found in the frames of both points, but as different SAs. */
static int are_known_apart(const struct point_sa *a, const struct point_sa *b)
{
    return a->joint && b->joint && a->joint != b->joint;
}

/* Adds the possible pairs of GROUP. In a large group, these are only those that agree with
 * OFFSET_NS. */
static int list_candidates(struct candidates_found *found, const struct group *group,
                           int64_t offset_ns)
{
    int is_large = group->a_count * group->b_count > CANDIDATES_MAX;
    size_t tried = 0;

    for (size_t i = 0; i < group->a_count; i++)
        for (size_t k = 0; k < group->b_count && tried < CANDIDATES_TRIED; k++) {
            const struct point_sa *a = group->a[i].sa;
            const struct point_sa *b = group->b[k].sa;
            struct candidate candidate = {.a = &group->a[i], .b = &group->b[k]};

            if (are_known_apart(a, b) || (is_large && !is_at_same_time(&a->sa, &b->sa, offset_ns)))
                continue;
            tried++;
            candidate.fit = fit_of(a, b);
            if (candidate.fit.weight > 0 && add_candidate(found, &candidate) < 0)
                return -1;
        }
    return 0;
}

/* --- the offset of the clocks --- */

static int compare_offsets(const void *left, const void *right)
{
    int64_t a = ((const struct candidate *)left)->fit.offset_ns;
    int64_t b = ((const struct candidate *)right)->fit.offset_ns;

    return (a > b) - (a < b);
}

/* Sets PART to those of FOUND, sorted by offset, that lie within WIDTH_NS and have most votes. When
 * several parts are as good, it is the one nearest to 0. Returns the votes. */
static double find_heaviest(const struct candidates_found *found, int64_t width_ns,
                            struct candidates_found *part)
{
    const struct candidate *candidates = found->candidates;
    double votes = 0, most = 0;
    size_t from = 0;

    *part = (struct candidates_found){0};
    for (size_t i = 0; i < found->count; i++) {
        votes += candidates[i].fit.votes;
        while (candidates[i].fit.offset_ns - candidates[from].fit.offset_ns > width_ns)
            votes -= candidates[from++].fit.votes;
        if (votes > most * (1 + ROUNDING) ||
            (part->count && votes > most * (1 - ROUNDING) &&
             llabs(candidates[from].fit.offset_ns) < llabs(part->candidates[0].fit.offset_ns))) {
            most = votes;
            part->candidates = &found->candidates[from];
            part->count = i + 1 - from;
        }
    }
    return most;
}

/* The offset with which most pairs agree. Pairs rarely agree nearly by chance. Because delays
 * differ, true ones may not: if a wide tolerance finds more than twice the votes, it counts. */
static int64_t heaviest_offset(const struct candidates_found *found)
{
    struct candidates_found roughly, nearly;
    double votes = find_heaviest(found, NEAR_NS, &nearly);

    if (2 * votes < find_heaviest(found, CLOCKS_AGREE_NS, &roughly) || nearly.count < 2)
        find_heaviest(&roughly, NEAR_NS, &nearly);
    return nearly.count ? nearly.candidates[0].fit.offset_ns : 0;
}

/* Sets OFFSET_NS to the offset of B's clock to A's, with the delay between them. */
static int find_offset(const struct members *a, const struct members *b, int64_t *offset_ns)
{
    struct candidates_found found = {0};
    struct group group;
    size_t at_a = 0, at_b = 0;
    int status = 0;

    while (status == 0 && next_group(a, b, &at_a, &at_b, &group))
        if (group.a_count * group.b_count <= CANDIDATES_MAX)
            status = list_candidates(&found, &group, 0);
    if (found.count)
        qsort(found.candidates, found.count, sizeof(*found.candidates), compare_offsets);
    *offset_ns = heaviest_offset(&found);
    free(found.candidates);
    return status;
}

/* --- pairs --- */

/* Adds the pair of A and B, of which one may be NULL, with their FIT. */
static int add_pair(struct pairs *pairs, struct member *a, struct member *b, const struct fit *fit)
{
    struct pair pair = {
        .a = a ? a->sa : NULL,
        .b = b ? b->sa : NULL,
        .shift = fit->shift,
        .offset_ns = fit->offset_ns,
    };

    if (pairs->count == pairs->capacity) {
        size_t capacity = pairs->capacity ? 2 * pairs->capacity : 64;
        struct pair *grown = realloc(pairs->pairs, capacity * sizeof(*grown));

        if (!grown)
            return -1;
        pairs->pairs = grown;
        pairs->capacity = capacity;
    }
    if (a)
        a->pair = pairs->count;
    if (b)
        b->pair = pairs->count;
    pairs->pairs[pairs->count++] = pair;
    return 0;
}

static int compare_candidates(const void *left, const void *right)
{
    const struct candidate *a = left;
    const struct candidate *b = right;

    if (a->agrees != b->agrees)
        return b->agrees - a->agrees;
    return (a->fit.weight < b->fit.weight) - (a->fit.weight > b->fit.weight);
}

/* Adds the best pairs of FOUND. An SA is in one pair. */
static int pair_best(struct pairs *pairs, const struct candidates_found *found)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct candidate *candidate = &found->candidates[i];

        if (candidate->a->is_taken || candidate->b->is_taken)
            continue;
        candidate->a->is_taken = candidate->b->is_taken = 1;
        if (add_pair(pairs, candidate->a, candidate->b, &candidate->fit) < 0)
            return -1;
    }
    return 0;
}

/* Whether A and B of CANDIDATE have most of their numbers in common. */
static int is_alike(const struct candidate *candidate)
{
    size_t of_a = candidate->a->sa->rising_count, of_b = candidate->b->sa->rising_count;

    return 2 * candidate->fit.weight > (double)(of_a > of_b ? of_a : of_b);
}

/* Whether the clock of POINT may have been set while it watched: databases do not tell. */
static int may_have_steps(const struct point *point)
{
    return point->is_sampled || point->clock_steps;
}

/* Removes candidates of FOUND that do not agree with OFFSET_NS, if the other point did not watch at
 * the time of the SA, which explains why it was seen at one point only. SAs with mostly the same
 * numbers stay if a clock may have been set. */
static void remove_explained(struct candidates_found *found, const struct point *a,
                             const struct point *b, int64_t offset_ns)
{
    int has_steps = may_have_steps(a) || may_have_steps(b);
    size_t kept = 0;

    for (size_t i = 0; i < found->count; i++) {
        const struct candidate *candidate = &found->candidates[i];

        if (candidate->agrees || (has_steps && is_alike(candidate)) ||
            !point_is_unwatched(b, &candidate->a->sa->sa, offset_ns) ||
            !point_is_unwatched(a, &candidate->b->sa->sa, -offset_ns))
            found->candidates[kept++] = *candidate;
    }
    found->count = kept;
}

static int pair_group(struct pairs *pairs, const struct group *group, const struct point *a,
                      const struct point *b, struct candidates_found *found)
{
    int64_t offset_ns = pairs->offset_ns;

    found->count = 0;
    if (list_candidates(found, group, offset_ns) < 0)
        return -1;
    for (size_t i = 0; i < found->count; i++) {
        int64_t apart_ns = llabs(found->candidates[i].fit.offset_ns - offset_ns);

        found->candidates[i].agrees = (apart_ns <= CLOCKS_AGREE_NS) + (apart_ns <= NEAR_NS);
    }
    remove_explained(found, a, b, offset_ns);
    if (found->count)
        qsort(found->candidates, found->count, sizeof(*found->candidates), compare_candidates);
    if (pair_best(pairs, found) < 0)
        return -1;
    for (size_t i = 0; i < group->a_count; i++)
        if (!group->a[i].is_taken && add_pair(pairs, &group->a[i], NULL, &(struct fit){0}) < 0)
            return -1;
    for (size_t i = 0; i < group->b_count; i++)
        if (!group->b[i].is_taken && add_pair(pairs, NULL, &group->b[i], &(struct fit){0}) < 0)
            return -1;
    mark_mixed(pairs, group, a, b);
    return 0;
}

static int pair_all(struct pairs *pairs, const struct members *a, const struct members *b,
                    const struct point *point_a, const struct point *point_b)
{
    struct candidates_found found = {0};
    struct group group;
    size_t at_a = 0, at_b = 0;
    int status = find_offset(a, b, &pairs->offset_ns);

    while (status == 0 && next_group(a, b, &at_a, &at_b, &group))
        status = pair_group(pairs, &group, point_a, point_b, &found);
    free(found.candidates);
    return status;
}

int align(struct pairs *pairs, const struct point *a, const struct point *b, enum match match,
          struct error *error)
{
    struct members of_a = {0}, of_b = {0};
    int status = -1;

    *pairs = (struct pairs){0};
    if (list_members(&of_a, a, match) == 0 && list_members(&of_b, b, match) == 0)
        status = pair_all(pairs, &of_a, &of_b, a, b);
    free(of_a.members);
    free(of_b.members);
    return status == 0 ? 0 : error_set(error, "no memory for the SAs");
}

void pairs_release(struct pairs *pairs)
{
    free(pairs->pairs);
    *pairs = (struct pairs){0};
}
