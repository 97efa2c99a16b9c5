/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/match/group.h"

#include <stdlib.h>
#include <string.h>

static struct flow_key match_key(const struct sa_change *sa, enum match match)
{
    struct flow_key key = sa->key;

    if (match == MATCH_SPI && key.family) {
        key.family = 0;
        key.ports = 0;
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

int list_members(struct members *members, const struct point *point, enum match match)
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

int next_group(const struct members *a, const struct members *b, size_t *at_a, size_t *at_b,
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
