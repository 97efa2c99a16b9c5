/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/passage.h"

#include <stdlib.h>

#include "base/units.h"
#include "compare/point/walk.h"
#include "compare/step.h"

/* An unbroken run of at least this many numbers, which no point saw, was skipped by the sender if
 * the tracker found a sender jump. */
#define SKIPPED_MIN 100000

/* An SA that a point did not see. */
static const struct point_sa nothing;

/* Both walks through an SA, side by side. */
struct side_by_side {
    struct walk first_walk;
    struct walk second_walk;
    struct seen_number first; /* valid while HAS_FIRST, like the next one */
    struct seen_number second;
    int has_first;
    int has_second;
};

/* One number, and who saw it. */
struct both {
    uint64_t number;
    const struct seen_number *first; /* NULL: not seen there */
    const struct seen_number *second;
};

/* What is counted of a passage. */
struct stretch {
    uint64_t start;       /* first number */
    int64_t from_ns;      /* what passed the first point before cannot be missed at the second */
    int64_t until_ns;     /* nor what passed it later */
    int64_t seen_from_ns; /* the same of what passed the second point and is missing at the first */
    int64_t seen_until_ns;
    uint64_t second_last; /* the second's last number */
    uint64_t skipped;     /* numbers that the sender skipped */
};

/* --- numbers, side by side --- */

static struct side_by_side begin(const struct passage *passage)
{
    struct side_by_side sides = {
        .first_walk = walk_of(passage->first ? passage->first : &nothing, 0),
        .second_walk = walk_of(passage->second ? passage->second : &nothing, passage->shift),
    };

    sides.has_first = walk_next(&sides.first_walk, &sides.first);
    sides.has_second = walk_next(&sides.second_walk, &sides.second);
    return sides;
}

static int is_before(uint64_t a, uint64_t b)
{
    return (int64_t)(a - b) < 0;
}

/* Sets BOTH to the next number, which is valid until advance(). Returns 0 at the end. */
static int look(const struct side_by_side *sides, struct both *both)
{
    *both = (struct both){0};
    if (sides->has_first &&
        (!sides->has_second || !is_before(sides->second.number, sides->first.number)))
        both->first = &sides->first;
    if (sides->has_second &&
        (!sides->has_first || !is_before(sides->first.number, sides->second.number)))
        both->second = &sides->second;
    if (!both->first && !both->second)
        return 0;
    both->number = both->first ? both->first->number : both->second->number;
    return 1;
}

static void advance(struct side_by_side *sides, const struct both *both)
{
    if (both->first)
        sides->has_first = walk_next(&sides->first_walk, &sides->first);
    if (both->second)
        sides->has_second = walk_next(&sides->second_walk, &sides->second);
}

static int64_t delay_of(const struct both *both)
{
    return (int64_t)(both->second->time_ns - both->first->time_ns);
}

void passage_measure(struct passage *passage)
{
    struct side_by_side sides = begin(passage);
    struct both both;
    int is_first = 1;

    for (; look(&sides, &both); advance(&sides, &both)) {
        if (!both.first || !both.second)
            continue;
        if (is_first || delay_of(&both) < passage->offset_ns)
            passage->offset_ns = delay_of(&both);
        is_first = 0;
    }
}

/* --- the stretch that both saw --- */

/* The last number of SA that came, or NONE. */
static uint64_t last_seen(const struct point_sa *sa, uint64_t none)
{
    uint64_t last = none;

    if (sa->rising_count)
        last = sa->rising[sa->rising_count - 1].number;
    if (sa->stray_count && (!sa->rising_count || sa->strays[sa->stray_count - 1].number > last))
        last = sa->strays[sa->stray_count - 1].number;
    return last;
}

/* Whether both points watched when the SA came into use. */
static int watched_both(const struct passage *passage)
{
    const struct point_sa *first = passage->first;
    const struct point_sa *second = passage->second;

    if (first && first->is_new)
        return (int64_t)first->sa.first_ns + passage->offset_ns >= (int64_t)passage->to->start_ns;
    return second && second->is_new &&
           (int64_t)second->sa.first_ns - passage->offset_ns >= (int64_t)passage->from->start_ns;
}

static uint64_t start_of(const struct passage *passage, int is_whole)
{
    uint64_t first, second;

    if (!passage->second)
        return passage->first->sa.first_sequence;
    second = passage->second->sa.first_sequence + passage->shift;
    if (!passage->first)
        return second;
    first = passage->first->sa.first_sequence;
    return is_before(first, second) == is_whole ? first : second;
}

static struct stretch stretch_of(const struct passage *passage)
{
    const struct point *from = passage->from, *to = passage->to;
    int is_whole = watched_both(passage);
    struct stretch stretch = {
        .start = start_of(passage, is_whole),
        .from_ns = INT64_MIN,
        .until_ns = INT64_MAX,
        .seen_from_ns = passage->first ? INT64_MIN : (int64_t)from->start_ns + passage->offset_ns,
        .seen_until_ns = INT64_MAX,
    };

    if (!is_whole)
        stretch.from_ns = (int64_t)to->start_ns - passage->offset_ns;
    if ((int64_t)from->end_ns + passage->offset_ns > (int64_t)(to->end_ns + TAIL_NS))
        stretch.until_ns = (int64_t)to->end_ns - passage->offset_ns;
    if ((int64_t)to->end_ns - passage->offset_ns > (int64_t)(from->end_ns + TAIL_NS))
        stretch.seen_until_ns = (int64_t)from->end_ns + passage->offset_ns;
    stretch.second_last = stretch.start - 1;
    if (passage->second)
        stretch.second_last = last_seen(passage->second, stretch.start - 1) + passage->shift;
    if (passage->first)
        stretch.skipped = passage->first->sa.figures.skipped;
    if (passage->second && passage->second->sa.figures.skipped > stretch.skipped)
        stretch.skipped = passage->second->sa.figures.skipped;
    return stretch;
}

/* Whether the point that misses the number of BOTH, if one does, would have seen it. */
static int is_inside(const struct stretch *stretch, const struct both *both)
{
    int64_t time_ns;

    if (both->first && both->second)
        return 1;
    time_ns = (int64_t)(both->first ? both->first : both->second)->time_ns;
    if (both->first)
        return time_ns >= stretch->from_ns && time_ns <= stretch->until_ns;
    return time_ns >= stretch->seen_from_ns && time_ns <= stretch->seen_until_ns;
}

/* --- counting --- */

static void count_missing_at_one(struct passage_figures *figures, const struct stretch *stretch,
                                 const struct both *both)
{
    if (!both->first) {
        figures->missed++;
        figures->duplicated += both->second->frames - 1;
        figures->reordered += both->second->is_reordered;
        return;
    }
    figures->lost_between++;
    figures->lost_tail += is_before(stretch->second_last, both->number);
}

static void count_at_both(struct passage_figures *figures, const struct both *both)
{
    figures->received_both++;
    if (both->second->frames > both->first->frames)
        figures->duplicated += both->second->frames - both->first->frames;
    figures->reordered += both->second->is_reordered && !both->first->is_reordered;
}

/* Counts the numbers in front of one that came, which no point saw. */
static void count_missing_at_both(struct passage_figures *figures, const struct stretch *stretch,
                                  uint64_t count)
{
    if (count >= SKIPPED_MIN && count <= stretch->skipped)
        return;
    figures->lost_before += count;
}

static void note_time(struct passage_figures *figures, const struct both *both, int64_t offset_ns)
{
    uint64_t time_ns =
        both->first ? both->first->time_ns : both->second->time_ns - (uint64_t)offset_ns;

    if (!figures->first_ns || time_ns < figures->first_ns)
        figures->first_ns = time_ns;
    if (time_ns > figures->last_ns)
        figures->last_ns = time_ns;
}

int passage_count(const struct passage *passage, struct passage_figures *figures,
                  struct delays *delays)
{
    struct side_by_side sides = begin(passage);
    struct stretch stretch = stretch_of(passage);
    uint64_t expected = stretch.start;
    struct step_finder steps = {0};
    struct both both;

    *figures = (struct passage_figures){0};
    delays_clear(delays);
    for (; look(&sides, &both); advance(&sides, &both)) {
        uint64_t missing = both.number - expected;

        if (is_before(both.number, stretch.start))
            continue;
        expected = both.number + 1;
        if (!is_inside(&stretch, &both))
            continue;
        count_missing_at_both(figures, &stretch, missing);
        note_time(figures, &both, passage->offset_ns);
        if (!both.first || !both.second) {
            count_missing_at_one(figures, &stretch, &both);
            continue;
        }
        count_at_both(figures, &both);
        if (delays_add(delays, delay_of(&both)) < 0)
            return -1;
        step_finder_add(&steps, both.first->time_ns, delay_of(&both), figures);
    }
    figures->delay = delays_figures(delays);
    return 0;
}

void passage_figures_add(struct passage_figures *total, const struct passage_figures *part)
{
    total->received_both += part->received_both;
    total->lost_before += part->lost_before;
    total->lost_between += part->lost_between;
    total->lost_tail += part->lost_tail;
    total->missed += part->missed;
    total->duplicated += part->duplicated;
    total->reordered += part->reordered;
    if (part->first_ns && (!total->first_ns || part->first_ns < total->first_ns))
        total->first_ns = part->first_ns;
    if (part->last_ns > total->last_ns)
        total->last_ns = part->last_ns;
}
