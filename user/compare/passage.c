/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/passage.h"

#include <stdlib.h>

#include "base/units.h"
#include "compare/delay/step.h"
#include "compare/point/side_by_side.h"
#include "compare/ranges.h"

/* An unbroken run of at least this many numbers, which no point saw, was skipped by the sender if
 * the tracker found a sender jump. */
#define SKIPPED_MIN 100000

/* The number of common frames from which the offset is found, at the start of a passage and at its
 * end. */
#define OFFSET_FRAMES 16

/* A frame may be on its way for as long as the slowest of this many frames, */
#define SLOWEST_FRAMES 1024

/* but not longer than this: a greater difference shows that a clock was set. */
#define SLOWEST_NS ((int64_t)NS_PER_SECOND)

static int64_t delay_of(const struct both *both)
{
    return (int64_t)(both->second->time_ns - both->first->time_ns);
}

/* The delays at one end of a passage. */
struct edge {
    int64_t delays[SLOWEST_FRAMES]; /* in the order of numbers; a ring at the end of the passage */
    size_t count;                   /* of all numbers so far */
};

/* The number of delays at EDGE: FRAMES, or fewer when EDGE has fewer. */
static size_t known(const struct edge *edge, size_t frames)
{
    return edge->count < frames ? edge->count : frames;
}

/* The delay of the frame in place INDEX of the first ones, or, with IS_LAST, of the last ones. */
static int64_t delay_at(const struct edge *edge, size_t index, int is_last)
{
    return edge->delays[is_last ? (edge->count - 1 - index) % SLOWEST_FRAMES : index];
}

/* The smallest delay at EDGE, or that of the WHOLE passage when the two are near, because the clock
 * was not set then. */
static int64_t least_at(const struct edge *edge, int is_last, int64_t whole)
{
    int64_t least = delay_at(edge, 0, is_last);

    for (size_t i = 1; i < known(edge, OFFSET_FRAMES); i++)
        if (delay_at(edge, i, is_last) < least)
            least = delay_at(edge, i, is_last);
    return least - whole < STEP_MIN_NS ? whole : least;
}

/* The largest delay at EDGE, where LEAST is the smallest. */
static int64_t most_at(const struct edge *edge, int is_last, int64_t least)
{
    int64_t most = least;

    for (size_t i = 0; i < known(edge, SLOWEST_FRAMES); i++)
        if (delay_at(edge, i, is_last) > most)
            most = delay_at(edge, i, is_last);
    return most - least < SLOWEST_NS ? most : least + SLOWEST_NS;
}

static void add_delay_at(struct edge *first, struct edge *last, int64_t delay_ns)
{
    if (first->count < SLOWEST_FRAMES)
        first->delays[first->count++] = delay_ns;
    last->delays[last->count++ % SLOWEST_FRAMES] = delay_ns;
}

void passage_measure(struct passage *passage, int64_t offset_ns)
{
    struct side_by_side sides = side_by_side_of(passage->first, passage->second, passage->shift);
    struct edge first, last;
    struct both both;

    first.count = last.count = 0;
    passage->offset_ns = offset_ns;
    for (; side_by_side_look(&sides, &both); side_by_side_advance(&sides, &both)) {
        if (!both.first || !both.second)
            continue;
        if (!last.count || delay_of(&both) < passage->offset_ns)
            passage->offset_ns = delay_of(&both);
        add_delay_at(&first, &last, delay_of(&both));
    }
    passage->start_offset_ns = passage->end_offset_ns = passage->offset_ns;
    if (last.count) {
        passage->start_offset_ns = least_at(&first, 0, passage->offset_ns);
        passage->end_offset_ns = least_at(&last, 1, passage->offset_ns);
    }
    passage->start_most_ns = most_at(&first, 0, passage->start_offset_ns);
    passage->end_most_ns = most_at(&last, 1, passage->end_offset_ns);
}

/* --- the stretch that both points saw --- */

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
    int64_t to_ns = (int64_t)point_since(passage->to, second);
    int64_t from_ns = (int64_t)point_since(passage->from, first);

    if ((first && first->is_cut) || (second && second->is_cut))
        return 0;
    if (first && (int64_t)first->sa.first_ns + passage->start_offset_ns < to_ns)
        return 0;
    if (second && (int64_t)second->sa.first_ns - passage->start_offset_ns < from_ns)
        return 0;
    return (first && first->is_new) || (second && second->is_new);
}

/* The first number of the stretch, in which the SA came into use if it IS_WHOLE. */
static uint64_t start_of(const struct passage *passage, int is_whole)
{
    const struct point_sa *first = passage->first;
    const struct point_sa *second = passage->second;
    uint64_t at_first = 0, at_second = 0;

    if (first)
        at_first = is_whole ? first->begins_with : first->sa.first_sequence;
    if (second)
        at_second = (is_whole ? second->begins_with : second->sa.first_sequence) + passage->shift;
    if (!first || !second)
        return first ? at_first : at_second;
    return number_is_before(at_first, at_second) == is_whole ? at_first : at_second;
}

/* The numbers that passed a point while the other point watched. AT is the SA at the other point,
 * or NULL. SHIFT is added to its numbers. */
static struct watched watched_by(const struct point_sa *at, uint64_t shift)
{
    struct watched watched = {.from_ns = INT64_MIN, .until_ns = INT64_MAX};

    if (at) {
        watched.has_numbers = 1;
        watched.first = at->sa.first_sequence + point_sa_reach(at) + shift;
        watched.last = last_seen(at, at->sa.first_sequence) - point_sa_reach(at) + shift;
    }
    return watched;
}

static struct stretch stretch_of(const struct passage *passage)
{
    const struct point *from = passage->from, *to = passage->to;
    int is_whole = watched_both(passage);
    struct stretch stretch = {
        .start = start_of(passage, is_whole),
        .is_whole = is_whole,
        .at_first = watched_by(passage->second, passage->shift),
        .at_second = watched_by(passage->first, 0),
    };

    if (!is_whole) {
        stretch.at_first.from_ns =
            (int64_t)point_since(to, passage->second) - passage->start_offset_ns;
        stretch.at_second.from_ns =
            (int64_t)point_since(from, passage->first) + passage->start_most_ns;
    }
    if ((int64_t)from->end_ns + passage->end_offset_ns > (int64_t)(to->end_ns + to->tail_ns))
        stretch.at_first.until_ns = (int64_t)to->end_ns - passage->end_most_ns;
    if ((int64_t)to->end_ns - passage->end_offset_ns > (int64_t)(from->end_ns + from->tail_ns))
        stretch.at_second.until_ns = (int64_t)from->end_ns + passage->end_offset_ns;
    stretch.second_last = stretch.start - 1;
    if (passage->second)
        stretch.second_last = last_seen(passage->second, stretch.start - 1) + passage->shift;
    if (passage->first)
        stretch.skipped = passage->first->sa.figures.skipped;
    if (passage->second && passage->second->sa.figures.skipped > stretch.skipped)
        stretch.skipped = passage->second->sa.figures.skipped;
    return stretch;
}

/* When one point misses the number of BOTH: whether it would have seen the number, because it
 * watched at that time. */
static int is_inside(const struct stretch *stretch, const struct both *both)
{
    const struct watched *watched = both->first ? &stretch->at_first : &stretch->at_second;
    int is_behind, is_before, has_numbers = watched->has_numbers;
    int64_t time_ns;

    if (both->first && both->second)
        return 1;
    time_ns = (int64_t)(both->first ? both->first : both->second)->time_ns;
    is_behind = has_numbers && number_is_before(watched->first, both->number);
    is_before = has_numbers && number_is_before(both->number, watched->last);
    return (is_behind || time_ns >= watched->from_ns) &&
           (is_before || time_ns <= watched->until_ns);
}

/* --- counting --- */

/* Whether NUMBER, as SA has it, is in one of SA's undetermined gaps. */
static int is_undetermined(const struct point_sa *sa, uint64_t number)
{
    size_t from = point_sa_gap_from(sa, number);

    return from < sa->gap_count && sa->gaps[from].first <= number;
}

static void count_missing_at_one(struct passage_figures *figures, const struct stretch *stretch,
                                 const struct passage *passage, const struct both *both)
{
    if (!both->first) {
        figures->missed++;
        figures->duplicated += both->second->frames - 1;
        figures->reordered += both->second->is_reordered;
        return;
    }
    figures->lost_between++;
    figures->lost_tail += number_is_before(stretch->second_last, both->number);
    if (passage->second)
        figures->lost_undetermined +=
            (uint64_t)is_undetermined(passage->second, both->number - passage->shift);
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

/* Adds the delay of a number that both points saw. */
static int add_delay(struct passage_figures *figures, struct delay_log *log,
                     const struct both *both)
{
    return delay_log_add(log, both->first->time_ns, delay_of(both), figures->lost_between);
}

/* The most frames that can have times at both points. */
static size_t frames_of(const struct passage *passage)
{
    size_t first, second;

    if (!passage->first || !passage->second)
        return 0;
    first = passage->first->rising_count;
    second = passage->second->rising_count;
    return first < second ? first : second;
}

/* Counts a passage when all numbers are known at both points. */
static int count_numbers(const struct passage *passage, const struct stretch *stretch,
                         struct passage_figures *figures, struct delay_log *log)
{
    struct side_by_side sides = side_by_side_of(passage->first, passage->second, passage->shift);
    uint64_t expected = stretch->start;
    struct both both;

    for (; side_by_side_look(&sides, &both); side_by_side_advance(&sides, &both)) {
        uint64_t missing = both.number - expected;

        if (number_is_before(both.number, stretch->start))
            continue;
        expected = both.number + 1;
        if (!is_inside(stretch, &both))
            continue;
        count_missing_at_both(figures, stretch, missing);
        note_time(figures, &both, passage->offset_ns);
        if (!both.first || !both.second) {
            count_missing_at_one(figures, stretch, passage, &both);
            continue;
        }
        count_at_both(figures, &both);
        if (add_delay(figures, log, &both) < 0)
            return -1;
    }
    return 0;
}

/* Counts a passage when one point has only the missing numbers, and the times of some others. */
static int count_ranges(const struct passage *passage, const struct stretch *stretch,
                        struct passage_figures *figures, struct delay_log *log)
{
    struct side_by_side sides = side_by_side_of(passage->first, passage->second, passage->shift);
    struct both both;

    for (; side_by_side_look(&sides, &both); side_by_side_advance(&sides, &both))
        if (both.first && both.second && !number_is_before(both.number, stretch->start) &&
            add_delay(figures, log, &both) < 0)
            return -1;
    return ranges_count(passage, stretch, figures);
}

int passage_count(const struct passage *passage, struct passage_figures *figures,
                  struct delays *delays)
{
    struct stretch stretch = stretch_of(passage);
    struct delay_log log;
    int status;

    *figures = (struct passage_figures){0};
    if (delay_log_begin(&log, delays, frames_of(passage)) < 0)
        return -1;
    if (passage->from->is_sampled || passage->to->is_sampled)
        status = count_ranges(passage, &stretch, figures, &log);
    else
        status = count_numbers(passage, &stretch, figures, &log);
    figures->times = delay_log_end(&log, figures->lost_between);
    return status;
}

/* Forged databases may have SAs with so many numbers that their sum is no signed 64-bit integer. */
static void add(uint64_t *sum, uint64_t more)
{
    *sum = more < INT64_MAX - *sum ? *sum + more : INT64_MAX;
}

void passage_figures_add(struct passage_figures *total, const struct passage_figures *part)
{
    add(&total->received_both, part->received_both);
    add(&total->lost_before, part->lost_before);
    add(&total->lost_between, part->lost_between);
    add(&total->lost_tail, part->lost_tail);
    add(&total->lost_undetermined, part->lost_undetermined);
    add(&total->missed, part->missed);
    add(&total->duplicated, part->duplicated);
    add(&total->reordered, part->reordered);
    if (part->first_ns && (!total->first_ns || part->first_ns < total->first_ns))
        total->first_ns = part->first_ns;
    if (part->last_ns > total->last_ns)
        total->last_ns = part->last_ns;
}
