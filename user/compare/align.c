/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/align.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "compare/fit.h"
#include "outcome.h"

/* Offsets of SAs that differ by less are of the same clocks: delays differ, and so do directions.
 */
#define AGREE_NS ((int64_t)NS_PER_SECOND)

/* In a group with more candidates, only those whose times agree are tried. */
#define CANDIDATES_MAX 4096

/* An SA, with what it is matched by. */
struct member {
    struct flow_key key;
    const struct point_sa *sa;
    int is_taken;
};

struct members {
    struct member *members;
    size_t count;
};

/* SAs of both points with the same key and association. */
struct group {
    struct member *a;
    struct member *b;
    size_t a_count;
    size_t b_count;
};

/* What one possible pair says about the clocks, or about itself. */
struct candidate {
    struct fit fit;
    struct member *a;
    struct member *b;
    int agrees; /* with the offset of the clocks */
};

struct candidates_found {
    struct candidate *candidates;
    size_t count;
    size_t capacity;
};

/* --- groups --- */

static struct flow_key match_key(const struct sa_change *sa, enum match match)
{
    struct flow_key key = sa->key;

    if (match == MATCH_SPI && key.protocol == OUTCOME_ESP) {
        key.family = 0;
        memset(key.source, 0, sizeof(key.source));
        memset(key.destination, 0, sizeof(key.destination));
    }
    return key;
}

static int compare_identities(const struct member *a, const struct member *b)
{
    int keys = memcmp(&a->key, &b->key, sizeof(a->key));

    return keys ? keys : (int)a->sa->sa.association - (int)b->sa->sa.association;
}

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left;
    const struct member *b = right;
    int identities = compare_identities(a, b);

    if (identities)
        return identities;
    return (a->sa->sa.first_ns > b->sa->sa.first_ns) - (a->sa->sa.first_ns < b->sa->sa.first_ns);
}

/* Sets MEMBERS, whose memory the caller frees, to the SAs of POINT in order. */
static int list_members(struct members *members, const struct point *point, enum match match)
{
    members->count = point->sa_count;
    members->members = calloc(point->sa_count + 1, sizeof(*members->members));
    if (!members->members)
        return -1;
    for (size_t i = 0; i < point->sa_count; i++)
        members->members[i] = (struct member){
            .key = match_key(&point->sas[i].sa, match),
            .sa = &point->sas[i],
        };
    qsort(members->members, members->count, sizeof(*members->members), compare_members);
    return 0;
}

static size_t end_of_group(const struct members *members, size_t from, const struct member *like)
{
    while (from < members->count && compare_identities(&members->members[from], like) == 0)
        from++;
    return from;
}

/* Sets GROUP to the next SAs that belong together, and moves AT_A and AT_B behind them. Returns 0
 * when there are no more. */
static int next_group(const struct members *a, const struct members *b, size_t *at_a, size_t *at_b,
                      struct group *group)
{
    const struct member *like;

    if (*at_a == a->count && *at_b == b->count)
        return 0;
    if (*at_a == a->count)
        like = &b->members[*at_b];
    else if (*at_b == b->count || compare_identities(&a->members[*at_a], &b->members[*at_b]) <= 0)
        like = &a->members[*at_a];
    else
        like = &b->members[*at_b];
    *group = (struct group){.a = &a->members[*at_a], .b = &b->members[*at_b]};
    group->a_count = end_of_group(a, *at_a, like) - *at_a;
    group->b_count = end_of_group(b, *at_b, like) - *at_b;
    *at_a += group->a_count;
    *at_b += group->b_count;
    return 1;
}

/* --- candidates --- */

/* Whether the times of A and B agree when OFFSET_NS is added to A's. */
static int is_at_same_time(const struct sa_change *a, const struct sa_change *b, int64_t offset_ns)
{
    int64_t from = (int64_t)(a->first_ns - b->last_ns) + offset_ns;
    int64_t until = (int64_t)(a->last_ns - b->first_ns) + offset_ns;

    return from <= AGREE_NS && until >= -AGREE_NS;
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

/* Adds the possible pairs of GROUP. In a large group, these are only those that agree with
 * OFFSET_NS. */
static int list_candidates(struct candidates_found *found, const struct group *group,
                           int64_t offset_ns)
{
    int is_large = group->a_count * group->b_count > CANDIDATES_MAX;

    for (size_t i = 0; i < group->a_count; i++)
        for (size_t k = 0; k < group->b_count; k++) {
            const struct point_sa *a = group->a[i].sa;
            const struct point_sa *b = group->b[k].sa;
            struct candidate candidate = {.a = &group->a[i], .b = &group->b[k]};

            if (is_large && !is_at_same_time(&a->sa, &b->sa, offset_ns))
                continue;
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

/* The offset with which most numbers agree; the smallest one when several are as good. FOUND is
 * sorted by it. */
static int64_t heaviest_offset(const struct candidates_found *found)
{
    const struct candidate *candidates = found->candidates;
    double weight = 0, most = 0;
    int64_t offset_ns = 0;
    size_t from = 0;

    for (size_t i = 0; i < found->count; i++) {
        weight += candidates[i].fit.weight;
        while (candidates[i].fit.offset_ns - candidates[from].fit.offset_ns > AGREE_NS)
            weight -= candidates[from++].fit.weight;
        if (weight > most * (1 + 1e-9) ||
            (weight > most * (1 - 1e-9) &&
             llabs(candidates[from].fit.offset_ns) < llabs(offset_ns))) {
            most = weight;
            offset_ns = candidates[from].fit.offset_ns;
        }
    }
    return offset_ns;
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

static int add_pair(struct pairs *pairs, const struct pair *pair)
{
    if (pairs->count == pairs->capacity) {
        size_t capacity = pairs->capacity ? 2 * pairs->capacity : 64;
        struct pair *grown = realloc(pairs->pairs, capacity * sizeof(*grown));

        if (!grown)
            return -1;
        pairs->pairs = grown;
        pairs->capacity = capacity;
    }
    pairs->pairs[pairs->count++] = *pair;
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
        struct pair pair = {
            .a = candidate->a->sa,
            .b = candidate->b->sa,
            .shift = candidate->fit.shift,
            .offset_ns = candidate->fit.offset_ns,
        };

        if (candidate->a->is_taken || candidate->b->is_taken)
            continue;
        candidate->a->is_taken = candidate->b->is_taken = 1;
        if (add_pair(pairs, &pair) < 0)
            return -1;
    }
    return 0;
}

static int pair_group(struct pairs *pairs, const struct group *group, int64_t offset_ns,
                      struct candidates_found *found)
{
    found->count = 0;
    if (list_candidates(found, group, offset_ns) < 0)
        return -1;
    for (size_t i = 0; i < found->count; i++)
        found->candidates[i].agrees =
            llabs(found->candidates[i].fit.offset_ns - offset_ns) <= AGREE_NS;
    if (found->count)
        qsort(found->candidates, found->count, sizeof(*found->candidates), compare_candidates);
    if (pair_best(pairs, found) < 0)
        return -1;
    for (size_t i = 0; i < group->a_count; i++)
        if (!group->a[i].is_taken && add_pair(pairs, &(struct pair){.a = group->a[i].sa}) < 0)
            return -1;
    for (size_t i = 0; i < group->b_count; i++)
        if (!group->b[i].is_taken && add_pair(pairs, &(struct pair){.b = group->b[i].sa}) < 0)
            return -1;
    return 0;
}

static int pair_all(struct pairs *pairs, const struct members *a, const struct members *b)
{
    struct candidates_found found = {0};
    struct group group;
    size_t at_a = 0, at_b = 0;
    int status = find_offset(a, b, &pairs->offset_ns);

    while (status == 0 && next_group(a, b, &at_a, &at_b, &group))
        status = pair_group(pairs, &group, pairs->offset_ns, &found);
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
        status = pair_all(pairs, &of_a, &of_b);
    free(of_a.members);
    free(of_b.members);
    return status == 0 ? 0 : error_set(error, "no memory for the SAs");
}

void pairs_release(struct pairs *pairs)
{
    free(pairs->pairs);
    *pairs = (struct pairs){0};
}
