/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/files/assign.h"

#include <stdlib.h>

#include "base/units.h"
#include "numbered.h"
#include "track/sequence/number.h"
#include "track/sequence/position.h"

#define FIRST_STRAYS 16

/* How much earlier an SA may begin than the tracker noticed. */
#define EARLIER_NS NS_PER_SECOND

/* How long after the end of an SA its frames may still come, if they may be those of the next. */
#define DELAYED_NS NS_PER_SECOND

/* Frames of one flow and association on their way to its SAs. */
struct assignment {
    struct point_sa *sas; /* in the order of time */
    size_t count;
    size_t current;        /* the newest SA that has begun */
    struct sighting *kept; /* where its next rising frame goes */
    uint64_t highest[2];   /* of the current SA, and of the one before */
    uint32_t window;       /* replay window */
    unsigned bits;         /* of numbers on the wire */
};

static int add_stray(struct point_sa *sa, const struct sighting *frame, int is_behind)
{
    if (sa->stray_count == sa->stray_capacity) {
        size_t capacity = sa->stray_capacity ? 2 * sa->stray_capacity : FIRST_STRAYS;
        struct stray *strays = realloc(sa->strays, capacity * sizeof(*strays));

        if (!strays)
            return -1;
        sa->strays = strays;
        sa->stray_capacity = capacity;
    }
    sa->strays[sa->stray_count] = (struct stray){
        .number = frame->number,
        .time_ns = frame->time_ns,
        .order = sa->stray_count,
        .is_behind = is_behind,
    };
    sa->stray_count++;
    return 0;
}

static int compare_strays(const void *left, const void *right)
{
    const struct stray *a = left;
    const struct stray *b = right;

    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* Whether NUMBER belongs to SA. If SA was in use before, numbers a little below its first do, too.
 * */
static int belongs(const struct point_sa *sa, uint64_t number)
{
    return number <= sa->sa.last_sequence && number + MEMORY_NUMBERS > sa->sa.first_sequence;
}

static void begin(struct assignment *assignment, size_t current)
{
    struct point_sa *sa = &assignment->sas[current];

    assignment->current = current;
    assignment->highest[1] = assignment->highest[0];
    assignment->highest[0] = sa->sa.first_sequence;
    sa->rising = assignment->kept;
}

/* Adds FRAME to the current SA. */
static int add(struct assignment *assignment, const struct sighting *frame)
{
    struct point_sa *sa = &assignment->sas[assignment->current];

    if (sa->rising_count && frame->number <= assignment->highest[0])
        return add_stray(sa, frame, frame->number < assignment->highest[0]);
    assignment->highest[0] = frame->number;
    *assignment->kept++ = *frame; /* at or before FRAME's own place */
    sa->rising_count++;
    return 0;
}

/* Whether a frame that was not overtaken had NUMBER at SA. */
static int rose_to(const struct point_sa *sa, uint64_t number)
{
    size_t at = point_sa_find(sa, (int64_t)number);

    return at < sa->rising_count && sa->rising[at].number == number;
}

/*
 * Whether a delayed frame of TIME_NS belongs to the SA before the current one, where its number
 * would be BEFORE; it would be NUMBER at the current one. When the current SA comes to the numbers
 * that the one before ended with, these have been there already, or it ended long ago.
 */
static int is_of_before(const struct assignment *assignment, uint64_t before, uint64_t number,
                        uint64_t time_ns)
{
    const struct point_sa *sa = &assignment->sas[assignment->current];
    uint64_t to_before = distance(before, assignment->highest[1]);
    uint64_t to_current = distance(number, assignment->highest[0]);

    if (!belongs(sa - 1, before))
        return 0;
    if (!belongs(sa, number))
        return 1;
    if (to_current <= assignment->window || to_before >= to_current ||
        time_ns > (sa - 1)->sa.last_ns + DELAYED_NS)
        return 0;
    return to_current > 4 * to_before + assignment->window || !rose_to(sa - 1, before);
}

static int assign(struct assignment *assignment, struct sighting frame)
{
    struct point_sa *sa = &assignment->sas[assignment->current];
    uint64_t number = number_extend(assignment->highest[0], frame.number, assignment->bits);
    uint64_t before = number_extend(assignment->highest[1], frame.number, assignment->bits);

    if (assignment->current > 0 && is_of_before(assignment, before, number, frame.time_ns)) {
        frame.number = before;
        return add_stray(sa - 1, &frame, before < assignment->highest[1]);
    }
    if (!belongs(sa, number))
        return 0;
    frame.number = number;
    return add(assignment, &frame);
}

/* Whether the next SA has begun when FRAME comes. The tracker may have noticed the restart of a
 * sender only some frames later. */
static int has_next_begun(const struct assignment *assignment, const struct sighting *frame)
{
    const struct sa_change *next = &assignment->sas[assignment->current + 1].sa;
    uint64_t number = number_extend(assignment->highest[0], frame->number, assignment->bits);
    uint64_t there = number_extend(next->first_sequence, frame->number, assignment->bits);

    if (frame->time_ns >= next->first_ns)
        return 1;
    return frame->time_ns + EARLIER_NS >= next->first_ns &&
           distance(there, next->first_sequence) <= assignment->window &&
           distance(number, assignment->highest[0]) > 2 * assignment->window;
}

/* Gives the COUNT SAs at SAS the frames of LANE. */
static int assign_lane(struct point_sa *sas, size_t count, const struct lane *lane, uint32_t window)
{
    struct assignment assignment = {

        .sas = sas,
        .count = count,
        .kept = lane->frames,
        .window = window,
        .bits = number_bits(sas->sa.key.protocol),
    };

    begin(&assignment, 0);
    for (size_t i = 0; i < lane->count; i++) {
        while (assignment.current + 1 < count && has_next_begun(&assignment, &lane->frames[i]))
            begin(&assignment, assignment.current + 1);
        if (assign(&assignment, lane->frames[i]) < 0)
            return -1;
    }
    for (size_t i = 0; i < count; i++)
        if (sas[i].stray_count)
            qsort(sas[i].strays, sas[i].stray_count, sizeof(*sas[i].strays), compare_strays);
    return 0;
}

static int assign_runs(struct point *point, int is_joint, struct error *error)
{
    size_t end;

    for (size_t i = 0; i < point->sa_count; i = end) {
        struct point_sa *sas = &point->sas[i];
        const struct lane *lane = frame_log_find(&point->log, &sas->sa.key, sas->sa.association);

        end = point_run_end(point, i);
        if (lane && sas->is_joint == is_joint && assign_lane(sas, end - i, lane, point->window) < 0)
            return error_set(error, "no memory for the frames of %s", point->name);
    }
    return 0;
}

int assign_frames(struct point *point, struct error *error)
{
    return assign_runs(point, 0, error);
}

int assign_joint_frames(struct point *point, struct error *error)
{
    return assign_runs(point, 1, error);
}
