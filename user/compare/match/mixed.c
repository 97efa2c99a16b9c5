/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/match/mixed.h"

#include "numbered.h"
#include "track/sequence/number.h"
#include "track/sequence/position.h"

/* SAs of one point that are in one group, in the order of time. */
struct sas {
    const struct member *members;
    size_t count;
    const struct point *point;
};

static void mark_both(struct pairs *pairs, const struct member *one, const struct member *other)
{
    pairs->pairs[one->pair].is_mixed = pairs->pairs[other->pair].is_mixed = 1;
}

/* The last one of SAS that had begun at TIME_NS, or NULL. */
static const struct member *begun_by(const struct sas *sas, int64_t time_ns)
{
    size_t from = 0, until = sas->count;

    while (from < until) {
        size_t middle = from + (until - from) / 2;

        if ((int64_t)sas->members[middle].sa->sa.first_ns <= time_ns)
            from = middle + 1;
        else
            until = middle;
    }
    return from ? &sas->members[from - 1] : NULL;
}

/* NUMBER of SA, extended to 64 bits as OTHER has numbers, which may be of another round. */
static uint64_t number_as_at(const struct point_sa *other, const struct point_sa *sa,
                             uint64_t number)
{
    unsigned bits = number_bits(sa->sa.key.protocol);

    return number_extend(other->sa.last_sequence, number & UINT64_MAX >> (64 - bits), bits);
}

/* Whether a sensor at the end of OTHER remembers numbers that SA has, too. */
static int remembers(const struct point_sa *other, const struct point_sa *sa)
{
    uint64_t first = number_as_at(other, sa, sa->sa.first_sequence);
    uint64_t last = first + (sa->sa.last_sequence - sa->sa.first_sequence);

    return first <= other->sa.last_sequence && last + MEMORY_NUMBERS > other->sa.last_sequence;
}

/* Marks the SAs of ONE point that the other one did not see, although it saw another SA of OTHERS
 * at that time, or remembered one, of which these may be late frames and copies. The clock of the
 * other point is OFFSET_NS ahead. */
static void mark_unseen(struct pairs *pairs, const struct sas *one, const struct sas *others,
                        int64_t offset_ns)
{
    for (size_t i = 0; i < one->count; i++) {
        const struct sa_change *sa = &one->members[i].sa->sa;
        int64_t middle_ns = (int64_t)(sa->first_ns + (sa->last_ns - sa->first_ns) / 2) + offset_ns;
        const struct member *other;

        if (one->members[i].is_taken)
            continue;
        other = begun_by(others, middle_ns);
        if (other && ((int64_t)other->sa->sa.last_ns >= middle_ns ||
                      (other->sa->is_sampled && remembers(other->sa, one->members[i].sa) &&
                       !point_is_unwatched(others->point, sa, offset_ns))))
            mark_both(pairs, &one->members[i], other);
    }
}

/* Whether SA misses one of the numbers FIRST to LAST, those in front of its first one included. */
static int misses(const struct point_sa *sa, uint64_t first, uint64_t last)
{
    size_t from;

    if (first < sa->sa.first_sequence && last >= sa->begins_with)
        return 1;
    from = point_sa_gap_from(sa, first);
    return from < sa->gap_count && sa->gaps[from].first <= last;
}

/* Whether a frame that came late to SA may be one that NEXT misses. */
static int may_have_taken(const struct point_sa *sa, const struct point_sa *next)
{
    for (size_t i = 0; i < sa->gap_count; i++) {
        const struct missing *gap = &sa->gaps[i];
        uint64_t first = number_as_at(next, sa, gap->first);

        if (gap->late && misses(next, first, first + (gap->last - gap->first)))
            return 1;
    }
    return 0;
}

/* Marks those of SAS, from a database, that may have taken frames of the next one as late. */
static void mark_taken(struct pairs *pairs, const struct sas *sas)
{
    for (size_t i = 0; i + 1 < sas->count; i++)
        if (sas->members[i].sa->is_sampled &&
            may_have_taken(sas->members[i].sa, sas->members[i + 1].sa))
            mark_both(pairs, &sas->members[i], &sas->members[i + 1]);
}

void mark_mixed(struct pairs *pairs, const struct group *group, const struct point *a,
                const struct point *b)
{
    struct sas of_a = {.members = group->a, .count = group->a_count, .point = a};
    struct sas of_b = {.members = group->b, .count = group->b_count, .point = b};

    mark_unseen(pairs, &of_a, &of_b, pairs->offset_ns);
    mark_unseen(pairs, &of_b, &of_a, -pairs->offset_ns);
    mark_taken(pairs, &of_a);
    mark_taken(pairs, &of_b);
}
