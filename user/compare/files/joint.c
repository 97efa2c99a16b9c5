/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/files/joint.h"

#include <stdlib.h>
#include <string.h>

#include "compare/files/assign.h"
#include "compare/files/flow_offset.h"
#include "compare/files/joint_frames.h"
#include "compare/match/group.h"
#include "track/tracker.h"

enum { SIDES = 2 };

/* SAs of one flow at one point. */
struct run {
    const struct point_sa *sas;
    size_t count;
};

struct join {
    struct point *points[SIDES];
    struct pairs pairs;       /* of the SAs as each point alone found them */
    int64_t offset_ns[SIDES]; /* of the points' clocks to A's, for the flow that is joined now */
    uint32_t window;
    struct point found[SIDES];   /* the new SAs; only the SAs of these points are used */
    struct flow_key keys[SIDES]; /* of the flow that is joined now, as each point has it */
    struct flow_key lineages[SIDES];
    int has_memory;
};

/* --- one flow --- */

/* Sets RUN to the SAs of POINT with KEY, among which there is one like SA. */
static struct run run_of(const struct point *point, const struct point_sa *sa)
{
    size_t from = (size_t)(sa - point->sas), end = from;
    struct flow_key key = sa->sa.key;

    while (from > 0 && memcmp(&point->sas[from - 1].sa.key, &key, sizeof(key)) == 0)
        from--;
    while (end < point->sa_count && memcmp(&point->sas[end].sa.key, &key, sizeof(key)) == 0)
        end++;
    return (struct run){.sas = &point->sas[from], .count = end - from};
}

static int take_sa(void *context, const struct sa_change *sa)
{
    struct join *join = context;

    for (int side = 0; side < SIDES; side++) {
        struct sa_change change = *sa;
        struct point_sa *added;

        change.key = join->keys[side];
        change.first_ns += (uint64_t)join->offset_ns[side];
        change.last_ns += (uint64_t)join->offset_ns[side];
        added = point_add(&join->found[side], &change);
        if (!added) {
            join->has_memory = 0;
            return -1;
        }
        added->lineage = join->lineages[side];
        added->joint = join->found[side].sa_count;
    }
    return 0;
}

static void track(struct tracker *tracker, const struct joint_frames *frames,
                  const struct flow_key *key)
{
    for (size_t i = 0; i < frames->count; i++) {
        const struct joint_frame *frame = &frames->frames[i];
        struct frame_record record = {
            .timestamp_ns = frame->time_ns,
            .key = *key,
            .wire_bytes = 1,
            .sequence = frame->number,
            .association = frame->association,
            .wire_packets = 1,
        };

        if (!frame->is_seen)
            tracker_receive(tracker, &record, 1, NULL);
    }
    tracker_finish(tracker);
}

/* Adds the SAs that FRAMES are of to those that were found. */
static int find_sas(struct join *join, const struct joint_frames *frames)
{
    struct tracker tracker;
    const struct flow_table *table = &tracker.table;

    if (tracker_init(&tracker, join->window, 1) < 0)
        return -1;
    tracker_keep_sas(&tracker);
    track(&tracker, frames, &join->keys[0]);
    join->has_memory = 1;
    for (uint32_t i = flow_table_oldest(table); i != POOL_NONE; i = flow_table_newer(table, i))
        sequence_live_sas(&tracker.sequencer, flow_table_at(table, i), take_sa, join);
    for (size_t i = 0; i < tracker.sas.count && join->has_memory; i++)
        take_sa(join, &tracker.sas.sas[i]);
    tracker_release(&tracker);
    return join->has_memory ? 0 : -1;
}

/* Gives the new SAs from index FROM on the FRAMES. */
static int assign_all(struct join *join, struct joint_frames *frames, size_t from)
{
    size_t end;

    for (int side = 0; side < SIDES; side++)
        if (join->found[side].sa_count > from)
            qsort(&join->found[side].sas[from], join->found[side].sa_count - from,
                  sizeof(struct point_sa), point_sa_compare);
    for (; from < join->found[0].sa_count; from = end) {
        struct point_sa *sas[SIDES];
        struct lane *lanes[SIDES];

        end = point_run_end(&join->found[0], from);
        for (int side = 0; side < SIDES; side++) {
            sas[side] = &join->found[side].sas[from];
            lanes[side] = frame_log_find(&join->points[side]->log, &join->keys[side],
                                         sas[side]->sa.association);
        }
        if (assign_joint_frames(sas[0], sas[1], end - from, lanes, frames, join->offset_ns[1],
                                join->window) < 0)
            return -1;
    }
    return 0;
}

static void mark_replaced(struct point_sa *sas, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        point_sa_release(&sas[i]);
        sas[i].is_replaced = 1;
    }
}

static int join_flow(struct join *join, const struct run runs[SIDES])
{
    struct joint_frames frames = {0};
    size_t from = join->found[0].sa_count;
    int status = 0;

    join->offset_ns[1] = flow_offset(&join->pairs, runs[0].sas, runs[0].count);
    for (unsigned side = 0; side < SIDES; side++) {
        join->keys[side] = runs[side].sas->sa.key;
        join->lineages[side] = runs[side].sas->lineage;
        if (status == 0)
            status = joint_frames_add(&frames, runs[side].sas, runs[side].count, side,
                                      join->offset_ns[side]);
    }
    if (status == 0)
        status = joint_frames_match(&frames);
    if (status == 0)
        status = find_sas(join, &frames);
    if (status == 0) {
        status = assign_all(join, &frames, from);
        for (int side = 0; side < SIDES; side++)
            mark_replaced(&join->points[side]->sas[runs[side].sas - join->points[side]->sas],
                          runs[side].count);
    }
    joint_frames_release(&frames);
    return status;
}

/* --- all flows --- */

/* Whether two SAs of RUN have one association, and no frame of it may be undetermined. */
static int has_several(const struct run *run)
{
    int has_same = 0;

    for (size_t i = 0; i < run->count; i++) {
        if (run->sas[i].gap_count)
            return 0;
        has_same |= i > 0 && run->sas[i].sa.association == run->sas[i - 1].sa.association;
    }
    return has_same;
}

/* Whether all COUNT SAs at MEMBERS are of one flow. NATs may make several flows have one SPI. */
static int are_of_one_flow(const struct member *members, size_t count)
{
    const struct flow_key *key = count ? &members[0].sa->sa.key : NULL;

    for (size_t i = 1; i < count; i++)
        if (memcmp(&members[i].sa->sa.key, key, sizeof(*key)) != 0)
            return 0;
    return count > 0 && !members[0].sa->is_replaced;
}

static int join_flows(struct join *join, const struct members *a, const struct members *b)
{
    struct group group;
    size_t at_a = 0, at_b = 0;

    while (next_group(a, b, &at_a, &at_b, &group)) {
        struct run runs[SIDES];

        if (!are_of_one_flow(group.a, group.a_count) || !are_of_one_flow(group.b, group.b_count))
            continue;
        runs[0] = run_of(join->points[0], group.a->sa);
        runs[1] = run_of(join->points[1], group.b->sa);
        if ((has_several(&runs[0]) || has_several(&runs[1])) && join_flow(join, runs) < 0)
            return -1;
    }
    return 0;
}

/* Removes SAs of POINT that were replaced. */
static void remove_replaced(struct point *point)
{
    size_t kept = 0;

    for (size_t i = 0; i < point->sa_count; i++)
        if (!point->sas[i].is_replaced)
            point->sas[kept++] = point->sas[i];
    point->sa_count = kept;
}

/* How far behind the highest number before it a frame of SA came at the point. */
static uint32_t farthest_behind(const struct point_sa *sa)
{
    uint64_t farthest = 0;

    for (size_t i = 0; i < sa->stray_count; i++) {
        const struct stray *stray = &sa->strays[i];
        size_t from = point_sa_find(sa, (int64_t)stray->number), at = from;

        if (i > 0 && sa->strays[i - 1].number == stray->number)
            continue; /* a copy, like the next */
        if (from < sa->rising_count && sa->rising[from].number == stray->number)
            continue;
        while (at < sa->rising_count && sa->rising[at].time_ns <= stray->time_ns)
            at++;
        if (at > from && sa->rising[at - 1].number - stray->number > farthest)
            farthest = sa->rising[at - 1].number - stray->number;
    }
    return farthest < UINT32_MAX ? (uint32_t)farthest : UINT32_MAX;
}

/* Whether SA, as it was found in the frames of both points, began at POINT before POINT watched, or
 * with a number below the one that the tracker believed first. */
static int has_own_start(const struct point *point, const struct point_sa *sa)
{
    return sa->sa.first_ns < point->start_ns || sa->rising[0].number < sa->sa.first_sequence;
}

/* Sets the ends and the order of SA, the one of its flow with GENERATION at POINT, to those of its
 * own frames there. If POINT watched when SA began, it missed what came before its first frame. */
static void set_ends(const struct point *point, struct point_sa *sa, uint32_t generation)
{
    sa->sa.generation = generation;
    sa->sa.figures.late = 0; /* the next one is of all its frames */
    sa->sa.figures.max_reorder_distance = farthest_behind(sa);
    if (has_own_start(point, sa))
        sa->sa.first_sequence = sa->rising[0].number;
    sa->sa.last_sequence = sa->rising[sa->rising_count - 1].number;
    sa->sa.first_ns = sa->rising[0].time_ns;
    sa->sa.last_ns = sa->rising[sa->rising_count - 1].time_ns;
    for (size_t i = 0; i < sa->stray_count; i++)
        if (sa->strays[i].time_ns > sa->sa.last_ns)
            sa->sa.last_ns = sa->strays[i].time_ns;
}

/* How many SAs of FOUND, of the flow of SA, the point saw before that. */
static uint32_t generation_of(const struct point *found, const struct point_sa *sa)
{
    struct run run = run_of(found, sa);
    uint32_t before = 0;

    for (size_t i = 0; i < run.count; i++)
        before += run.sas[i].rising_count && run.sas[i].rising[0].time_ns < sa->rising[0].time_ns;
    return before;
}

/* Moves those SAs of FOUND of which it saw frames to POINT. */
static int replace(struct point *point, struct point *found, struct error *error)
{
    remove_replaced(point);
    for (size_t i = 0; i < found->sa_count; i++) {
        struct point_sa *sa = &found->sas[i], *added;

        if (!sa->rising_count)
            continue;
        added = point_add(point, &sa->sa);
        if (!added)
            return error_set(error, "no memory for the SAs");
        *added = *sa;
        sa->strays = NULL;
        sa->left_out = NULL;
        set_ends(point, added, generation_of(found, sa));
    }
    point_arrange(point);
    return 0;
}

static int join_all(struct join *join, enum match match, struct error *error)
{
    struct members of_a = {0}, of_b = {0};
    int status = -1;

    if (list_members(&of_a, join->points[0], match) == 0 &&
        list_members(&of_b, join->points[1], match) == 0)
        status = join_flows(join, &of_a, &of_b);
    free(of_a.members);
    free(of_b.members);
    if (status < 0)
        return error_set(error, "no memory for the frames of both points");
    for (int side = 0; side < SIDES; side++)
        if (join->found[side].sa_count &&
            replace(join->points[side], &join->found[side], error) < 0)
            return -1;
    return 0;
}

int points_join(struct point *a, struct point *b, enum match match, uint32_t window,
                struct error *error)
{
    struct join join = {.points = {a, b}, .window = window};
    int status;

    if (a->is_sampled || b->is_sampled || a->clock_steps || b->clock_steps)
        return 0;
    status = align(&join.pairs, a, b, match, error);
    flow_offsets_prepare(&join.pairs);
    if (status == 0)
        status = join_all(&join, match, error);
    pairs_release(&join.pairs);
    for (int side = 0; side < SIDES; side++)
        point_release(&join.found[side]);
    return status;
}
