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

/* The highest numbers so far of the current SA, and of the one before. */
struct highest {
    uint64_t current;
    uint64_t before;
};

/* A point's SAs of one flow and association, and where its next rising frame goes. */
struct assigned {
    struct point_sa *sas; /* in the order of time */
    struct sighting *kept;
    unsigned side; /* 0: A, or the only point; 1: B */
};

/* Frames of one flow and association on their way to its SAs. */
struct assignment {
    size_t count;         /* of SAs */
    size_t current;       /* the newest SA that has begun */
    struct highest all;   /* of both points: one may have an outage */
    struct highest at[2]; /* of each point: a slow path is behind the other point */
    uint32_t window;      /* replay window */
    unsigned bits;        /* of numbers on the wire */
    uint32_t given;       /* index of the last frame's SA plus 1; 0: it was left out */
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

/* Keeps FRAME, which belongs to no SA, with SA, in use at its time: the frames of both points
 * together may show where it belongs. */
static int leave_out(struct point_sa *sa, const struct sighting *frame)
{
    size_t count = sa->left_out_count;
    struct sighting *kept = sa->left_out;

    if (!(count & (count - 1))) /* the room doubles */
        kept = realloc(kept, (count ? 2 * count : 1) * sizeof(*kept));
    if (!kept)
        return -1;
    sa->left_out = kept;
    sa->left_out[sa->left_out_count++] = *frame;
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

static void begin(struct assignment *assignment, const struct point_sa *sas, size_t current)
{
    uint64_t first = sas[current].sa.first_sequence;

    assignment->current = current;
    assignment->all = (struct highest){.current = first, .before = assignment->all.current};
    for (int side = 0; side < 2; side++)
        assignment->at[side] =
            (struct highest){.current = first, .before = assignment->at[side].current};
}

static void raise_to(uint64_t *highest, uint64_t number)
{
    if (number > *highest)
        *highest = number;
}

/* How far NUMBER is from the nearer one of the current SA's highest numbers. */
static uint64_t to_current(const struct assignment *assignment, unsigned side, uint64_t number)
{
    uint64_t to_all = distance(number, assignment->all.current);
    uint64_t to_own = distance(number, assignment->at[side].current);

    return to_all < to_own ? to_all : to_own;
}

/* Likewise, of the SA before. */
static uint64_t to_before(const struct assignment *assignment, unsigned side, uint64_t number)
{
    uint64_t to_all = distance(number, assignment->all.before);
    uint64_t to_own = distance(number, assignment->at[side].before);

    return to_all < to_own ? to_all : to_own;
}

/* The highest number of SA that came to its point; 0: none. */
static uint64_t highest_at(const struct point_sa *sa)
{
    return sa->rising_count ? sa->rising[sa->rising_count - 1].number : 0;
}

/* Adds FRAME to SA of POINT. */
static int add(struct assigned *point, struct point_sa *sa, const struct sighting *frame)
{
    uint64_t highest = highest_at(sa);

    if (sa->rising_count && frame->number <= highest)
        return add_stray(sa, frame, frame->number < highest);
    if (!sa->rising_count)
        sa->rising = point->kept;
    *point->kept++ = *frame; /* at or before FRAME's own place */
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
 * Whether a delayed frame of TIME_NS belongs to the SA of POINT before the current one, where its
 * number would be BEFORE; it would be NUMBER at the current one. When the current SA comes to the
 * numbers that the one before ended with, these have been there already, or it ended long ago.
 */
static int is_of_before(const struct assignment *assignment, const struct assigned *point,
                        uint64_t before, uint64_t number, uint64_t time_ns)
{
    const struct point_sa *sa = &point->sas[assignment->current];
    uint64_t there = to_before(assignment, point->side, before);
    uint64_t here = to_current(assignment, point->side, number);

    if (!belongs(sa - 1, before))
        return 0;
    if (!belongs(sa, number))
        return 1;
    if (here <= assignment->window || there >= here || time_ns > (sa - 1)->sa.last_ns + DELAYED_NS)
        return 0;
    return here > 4 * there + assignment->window || !rose_to(sa - 1, before);
}

/* Whether the next SA of POINT has begun when FRAME comes. The tracker may have noticed the restart
 * of a sender only some frames later. */
static int has_next_begun(const struct assignment *assignment, const struct assigned *point,
                          const struct sighting *frame)
{
    const struct sa_change *next = &point->sas[assignment->current + 1].sa;
    uint64_t number = number_extend(assignment->all.current, frame->number, assignment->bits);
    uint64_t there = number_extend(next->first_sequence, frame->number, assignment->bits);

    if (frame->time_ns >= next->first_ns)
        return 1;
    return frame->time_ns + EARLIER_NS >= next->first_ns &&
           distance(there, next->first_sequence) <= assignment->window &&
           to_current(assignment, point->side, number) > 2 * assignment->window;
}

/* Adds FRAME, which the path to POINT delayed, to the SA before the current one. */
static int add_to_before(struct assignment *assignment, struct assigned *point,
                         const struct sighting *frame)
{
    struct point_sa *sa = &point->sas[assignment->current];
    int is_behind = frame->number < assignment->at[point->side].before;

    raise_to(&assignment->all.before, frame->number);
    raise_to(&assignment->at[point->side].before, frame->number);
    if (!sa->rising_count)
        return add(point, sa - 1, frame);
    return add_stray(sa - 1, frame, is_behind && (sa - 1)->rising_count);
}

/* Gives FRAME, which came to POINT, to its SA. KNOWN is the index of that SA plus 1 if a frame
 * before it shows it, or 0. */
static int assign(struct assignment *assignment, struct assigned *point, struct sighting frame,
                  uint32_t known)
{
    size_t current;
    int is_before;
    uint64_t number, before;
    struct point_sa *sa;

    while (assignment->current + 1 < assignment->count && has_next_begun(assignment, point, &frame))
        begin(assignment, point->sas, assignment->current + 1);
    current = assignment->current;
    sa = &point->sas[current];
    number = number_extend(assignment->all.current, frame.number, assignment->bits);
    before = number_extend(assignment->all.before, frame.number, assignment->bits);
    is_before =
        current > 0 && known != current + 1 &&
        (known == current || is_of_before(assignment, point, before, number, frame.time_ns));
    assignment->given = (uint32_t)(current + !is_before);
    if (is_before) {
        frame.number = before;
        return add_to_before(assignment, point, &frame);
    }
    if (!belongs(sa, number)) {
        assignment->given = 0;
        return leave_out(sa, &frame);
    }
    frame.number = number;
    raise_to(&assignment->all.current, number);
    raise_to(&assignment->at[point->side].current, number);
    return add(point, sa, &frame);
}

static struct assignment assignment_of(const struct point_sa *sas, size_t count, uint32_t window)
{
    struct assignment assignment = {
        .count = count,
        .window = window,
        .bits = number_bits(sas->sa.key.protocol),
    };

    begin(&assignment, sas, 0);
    return assignment;
}

static void sort_strays(struct point_sa *sas, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sas[i].stray_count)
            qsort(sas[i].strays, sas[i].stray_count, sizeof(*sas[i].strays), compare_strays);
}

/* Gives the COUNT SAs at SAS the frames of LANE. */
static int assign_lane(struct point_sa *sas, size_t count, const struct lane *lane, uint32_t window)
{
    struct assignment assignment = assignment_of(sas, count, window);
    struct assigned point = {.sas = sas, .kept = lane->frames};

    for (size_t i = 0; i < lane->count; i++)
        if (assign(&assignment, &point, lane->frames[i], 0) < 0)
            return -1;
    sort_strays(sas, count);
    return 0;
}

int assign_joint_frames(struct point_sa *a, struct point_sa *b, size_t count, struct lane *lanes[2],
                        struct joint_frames *frames, int64_t offset_ns, uint32_t window)
{
    struct assignment assignment = assignment_of(a, count, window);
    struct assigned points[2] = {
        {.sas = a, .kept = lanes[0] ? lanes[0]->frames : NULL},
        {.sas = b, .kept = lanes[1] ? lanes[1]->frames : NULL, .side = 1},
    };

    for (size_t i = 0; i < frames->count; i++) {
        struct joint_frame *from = &frames->frames[i];
        uint32_t known;
        struct sighting frame = {.number = from->number, .time_ns = from->time_ns};

        if (from->association != a->sa.association)
            continue;
        known = from->back ? (from - from->back)->sa : 0;
        if (from->side)
            frame.time_ns += (uint64_t)offset_ns;
        if (assign(&assignment, &points[from->side], frame, known) < 0)
            return -1;
        from->sa = assignment.given;
    }
    sort_strays(a, count);
    sort_strays(b, count);
    return 0;
}

int assign_frames(struct point *point, struct error *error)
{
    size_t end;

    for (size_t i = 0; i < point->sa_count; i = end) {
        struct point_sa *sas = &point->sas[i];
        const struct lane *lane = frame_log_find(&point->log, &sas->sa.key, sas->sa.association);

        end = point_run_end(point, i);
        if (lane && assign_lane(sas, end - i, lane, point->window) < 0)
            return error_set(error, "no memory for the frames of %s", point->name);
    }
    return 0;
}
