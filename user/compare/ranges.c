/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "compare/point/walk.h"

/* The missing numbers of an SA at one point, in the order of numbers. */
struct gaps {
    struct missing *gaps;
    size_t count;
    size_t capacity;
    size_t unwatched; /* this many gaps at the beginning may have come before the point watched */
};

/* Numbers FIRST to LAST; none when LAST is below FIRST. */
struct range {
    uint64_t first;
    uint64_t last;
};

static uint64_t size_of(const struct range *range)
{
    return (int64_t)(range->last - range->first) < 0 ? 0 : range->last - range->first + 1;
}

static uint64_t lower(uint64_t a, uint64_t b)
{
    return (int64_t)(a - b) < 0 ? a : b;
}

static uint64_t higher(uint64_t a, uint64_t b)
{
    return (int64_t)(a - b) < 0 ? b : a;
}

static uint64_t beyond(uint64_t second, uint64_t first)
{
    return second > first ? second - first : 0;
}

static struct range overlap(const struct missing *gap, const struct range *range)
{
    return (struct range){
        .first = higher(gap->first, range->first),
        .last = lower(gap->last, range->last),
    };
}

/* How many of PART numbers of GAP never came. It is not known which of its numbers came late;
 * numbers that the other point misses, too, are counted as never come. */
static uint64_t never_came(const struct missing *gap, uint64_t part)
{
    uint64_t never = gap->last - gap->first + 1 - gap->late;

    return part < never ? part : never;
}

/* --- the missing numbers --- */

static int add_gap(struct gaps *gaps, const struct missing *gap)
{
    if (gaps->count == gaps->capacity) {
        size_t capacity = gaps->capacity ? 2 * gaps->capacity : 64;
        struct missing *grown = realloc(gaps->gaps, capacity * sizeof(*grown));

        if (!grown)
            return -1;
        gaps->gaps = grown;
        gaps->capacity = capacity;
    }
    gaps->gaps[gaps->count++] = *gap;
    return 0;
}

/* Adds the numbers from EXPECTED on that are missing in front of NUMBER. */
static int add_missing(struct gaps *gaps, uint64_t expected, uint64_t number)
{
    struct missing gap = {.first = expected, .last = number - 1};

    if ((int64_t)(number - expected) <= 0)
        return 0;
    return add_gap(gaps, &gap);
}

/* Adds the missing numbers of SA, whose numbers are all known, from START on. */
static int list_from_numbers(struct gaps *gaps, const struct point_sa *sa, uint64_t shift,
                             uint64_t start)
{
    struct walk walk = walk_of(sa, shift);
    struct seen_number seen;
    uint64_t expected = start;

    while (walk_next(&walk, &seen)) {
        if ((int64_t)(seen.number - start) < 0)
            continue;
        if (add_missing(gaps, expected, seen.number) < 0)
            return -1;
        expected = seen.number + 1;
    }
    return 0;
}

/* Adds the numbers from START on in front of SA's first one, some of which came behind that. */
static int add_before_first(struct gaps *gaps, const struct point_sa *sa, uint64_t shift,
                            uint64_t start)
{
    struct missing gap = {.first = start, .last = sa->sa.first_sequence + shift - 1};
    uint64_t size = gap.last - gap.first + 1;

    if ((int64_t)size <= 0)
        return 0;
    gap.late = sa->early < size ? sa->early : size;
    return add_gap(gaps, &gap);
}

static int list_gaps(struct gaps *gaps, const struct point *point, const struct point_sa *sa,
                     uint64_t shift, uint64_t start)
{
    *gaps = (struct gaps){0};
    if (!sa)
        return 0;
    if (!point->is_sampled)
        return list_from_numbers(gaps, sa, shift, start);
    if (add_before_first(gaps, sa, shift, start) < 0)
        return -1;
    for (size_t i = 0; i < sa->gap_count; i++) {
        struct missing gap = sa->gaps[i];

        gap.first += shift;
        gap.last += shift;
        if ((int64_t)(gap.last - start) >= 0 && add_gap(gaps, &gap) < 0)
            return -1;
    }
    return 0;
}

/* Splits the gap of GAPS that contains NUMBER, so that a gap begins at NUMBER. */
static int divide(struct gaps *gaps, size_t index, uint64_t number)
{
    struct missing *gap = &gaps->gaps[index];
    struct missing rest = *gap;
    uint64_t size = gap->last - number + 1;

    rest.first = number;
    rest.late = gap->late < size ? gap->late : size;
    gap->last = number - 1;
    gap->late -= rest.late;
    if (add_gap(gaps, &rest) < 0)
        return -1;
    gap = &gaps->gaps[index + 1];
    memmove(gap + 1, gap, (gaps->count - index - 2) * sizeof(*gap));
    *gap = rest;
    return 0;
}

/*
 * When a point began to watch in the middle of SA, frames may have passed it before that overtook
 * its first one: GAPS at that point has them. Marks those of up to LAST, about the number that the
 * OTHER point was at then, as far as frames of SA overtake others. The shifts are added to numbers
 * of SA, and to those of OTHER with LAST. Times between samples leave a doubt, unless OTHER had
 * just begun, too.
 */
static int mark_unwatched(struct gaps *gaps, const struct point_sa *sa, uint64_t shift,
                          const struct point_sa *other, uint64_t other_shift, uint64_t last)
{
    uint64_t farthest = sa->sa.first_sequence + shift + point_sa_reach(sa);
    uint64_t began = other->sa.first_sequence + other_shift + point_sa_reach(sa);
    int is_doubtful = (int64_t)(began - sa->sa.first_sequence - shift) < 0;
    uint64_t doubt = is_doubtful ? sa->sa.figures.max_reorder_distance : 0;
    uint64_t end = lower(last + other_shift + doubt, farthest);
    size_t count = 0;

    while (count < gaps->count && (int64_t)(gaps->gaps[count].last - end) <= 0)
        count++;
    if (count < gaps->count && (int64_t)(gaps->gaps[count].first - end) <= 0) {
        if (divide(gaps, count, end + 1) < 0)
            return -1;
        count++;
    }
    gaps->unwatched = count;
    return 0;
}

/* How many numbers of RANGE never came, by GAPS. */
static uint64_t count_never(const struct gaps *gaps, const struct range *range)
{
    uint64_t count = 0;

    for (size_t i = 0; i < gaps->count; i++) {
        struct range part = overlap(&gaps->gaps[i], range);

        count += never_came(&gaps->gaps[i], size_of(&part));
    }
    return count;
}

/* --- counting --- */

/* How many numbers of RANGE in GAP never came, by GAPS either. Those in front of index FROM, which
 * moves on with GAP, are below it. */
static uint64_t count_shared(const struct gaps *gaps, size_t *from, const struct missing *gap,
                             const struct range *range)
{
    struct range part = overlap(gap, range);
    uint64_t never = never_came(gap, size_of(&part)), shared = 0;

    while (*from < gaps->count && (int64_t)(gaps->gaps[*from].last - gap->first) < 0)
        (*from)++;
    for (size_t i = *from; shared < never && i < gaps->count; i++) {
        struct range common = overlap(&gaps->gaps[i], &part);

        if ((int64_t)(gaps->gaps[i].first - gap->last) > 0)
            break;
        shared += never_came(&gaps->gaps[i], size_of(&common));
    }
    return shared < never ? shared : never;
}

/* How many numbers of RANGE came at the point of OTHER, and before that of GAPS watched. */
static uint64_t count_unwatched(const struct gaps *gaps, const struct gaps *other,
                                const struct range *range)
{
    uint64_t count = 0;
    size_t from = 0;

    for (size_t i = 0; i < gaps->unwatched; i++) {
        struct range part = overlap(&gaps->gaps[i], range);

        count += never_came(&gaps->gaps[i], size_of(&part)) -
                 count_shared(other, &from, &gaps->gaps[i], range);
    }
    return count;
}

/* Counts the numbers of RANGE, which both points had reached. */
static void count_both(struct passage_figures *figures, const struct gaps *first,
                       const struct gaps *second, const struct range *range)
{
    uint64_t unwatched = count_unwatched(first, second, range);
    uint64_t at_both = 0, lost = 0, missed;
    size_t from = 0;

    for (size_t i = 0; i < second->count; i++) {
        const struct missing *gap = &second->gaps[i];
        struct range part = overlap(gap, range);
        uint64_t shared = count_shared(first, &from, gap, range);
        uint64_t only_second = never_came(gap, size_of(&part)) - shared;

        at_both += shared;
        if (i < second->unwatched)
            unwatched += only_second;
        else
            lost += only_second;
        if (gap->is_undetermined && i >= second->unwatched)
            figures->lost_undetermined += only_second;
    }
    missed = beyond(count_never(first, range), at_both + count_unwatched(first, second, range));
    figures->lost_before += at_both;
    figures->lost_between += lost;
    figures->missed += missed;
    figures->received_both += beyond(size_of(range), at_both + lost + missed + unwatched);
}

/* Counts the numbers of RANGE, which only one point reached, with GAPS there. Returns how many
 * came. */
static uint64_t count_one(struct passage_figures *figures, const struct gaps *gaps,
                          const struct range *range)
{
    uint64_t never = count_never(gaps, range);

    figures->lost_before += never;
    return size_of(range) - never;
}

/* How many frames of SA a higher number had overtaken. Those below its first one are not in the
 * stretch, unless it came into use there. */
static uint64_t overtaken(const struct point_sa *sa, const struct stretch *stretch)
{
    uint64_t count = sa->sa.figures.reordered + sa->sa.figures.late;

    return stretch->is_whole ? count : beyond(count, sa->early);
}

static void count_order(const struct passage *passage, const struct stretch *stretch,
                        struct passage_figures *figures)
{
    const struct point_sa *first = passage->first, *second = passage->second;

    if (!first || !second)
        return;
    figures->duplicated = beyond(second->sa.figures.duplicates, first->sa.figures.duplicates);
    figures->reordered = beyond(overtaken(second, stretch), overtaken(first, stretch));
}

/* Sets the times of the stretch. */
static void set_times(const struct passage *passage, struct passage_figures *figures)
{
    const struct point_sa *sa = passage->first ? passage->first : passage->second;
    uint64_t offset_ns = passage->first ? 0 : (uint64_t)passage->offset_ns;

    figures->first_ns = sa->sa.first_ns - offset_ns;
    figures->last_ns = sa->sa.last_ns - offset_ns;
    if (passage->second && passage->second->is_cut)
        figures->first_ns =
            higher(figures->first_ns, passage->second->sa.first_ns - (uint64_t)passage->offset_ns);
}

/* Makes the ends of the stretch at least the last number that both points reached. Times between
 * samples are not exact, so they may be too low. */
static void include_common(const struct passage *passage, uint64_t *end_first, uint64_t *end_second)
{
    uint64_t common =
        lower(passage->first->sa.last_sequence, passage->second->sa.last_sequence + passage->shift);

    *end_first = higher(*end_first, common);
    *end_second = higher(*end_second, common);
}

/* Lists the gaps of both points from START on. The caller frees them in any case. */
static int list_both(const struct passage *passage, const struct stretch *stretch, uint64_t start,
                     struct gaps *first, struct gaps *second)
{
    const struct point_sa *at_first = passage->first, *at_second = passage->second;

    if (list_gaps(first, passage->from, at_first, 0, start) < 0 ||
        list_gaps(second, passage->to, at_second, passage->shift, start) < 0)
        return -1;
    if (!at_first || !at_second || stretch->is_whole)
        return 0;
    if (mark_unwatched(first, at_first, 0, at_second, passage->shift,
                       point_sa_number_by(at_second, stretch->at_second.from_ns)) < 0)
        return -1;
    return mark_unwatched(second, at_second, passage->shift, at_first, 0,
                          point_sa_number_by(at_first, stretch->at_first.from_ns));
}

int ranges_count(const struct passage *passage, const struct stretch *stretch,
                 struct passage_figures *figures)
{
    uint64_t start = stretch->start, end_first = start - 1, end_second = end_first;
    struct gaps first = {0}, second = {0};
    struct range both, tail, beyond_first;
    int status = -1;

    if (passage->first)
        end_first = point_sa_number_by(passage->first, stretch->at_first.until_ns);
    if (passage->second)
        end_second =
            point_sa_number_by(passage->second, stretch->at_second.until_ns) + passage->shift;
    if (!passage->second &&
        !stretch->is_whole) /* it was lost completely, except for numbers that came early */
        start = higher(start, point_sa_number_by(passage->first, stretch->at_first.from_ns) + 1);
    if (!passage->first && !stretch->is_whole) /* the same for one that was missed completely */
        start = higher(start, point_sa_number_by(passage->second, stretch->at_second.from_ns) + 1 +
                                  passage->shift);
    if (passage->first && passage->second)
        include_common(passage, &end_first, &end_second);
    tail = (struct range){.first = higher(start, end_second + 1), .last = end_first};
    beyond_first = (struct range){.first = higher(start, end_first + 1), .last = end_second};
    if (passage->first)
        tail.last = end_first = lower(end_first, point_sa_settled(passage->first));
    if (passage->second)
        beyond_first.last = end_second =
            lower(end_second, point_sa_settled(passage->second) + passage->shift);
    both = (struct range){.first = start, .last = lower(end_first, end_second)};
    if (list_both(passage, stretch, start, &first, &second) == 0) {
        count_both(figures, &first, &second, &both);
        figures->lost_tail = count_one(figures, &first, &tail);
        figures->lost_between += figures->lost_tail;
        figures->missed += count_one(figures, &second, &beyond_first);
        count_order(passage, stretch, figures);
        if (figures->received_both + figures->lost_between + figures->missed)
            set_times(passage, figures);
        status = 0;
    }
    free(first.gaps);
    free(second.gaps);
    return status;
}
