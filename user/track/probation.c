/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Frames outside of the window: what three in a row make believable, and what one does not. */
#include "track/arrival.h"

/* How far the first frame on probation is from the highest; 0 where nothing was believed yet. */
static int32_t probation_distance(const struct sequence_space *space)
{
    return space->highest ? (int32_t)(space->probation.first - (uint32_t)space->highest) : 0;
}

void probation_end(struct flow *flow, struct sequence_space *space)
{
    struct probation *probation = &space->probation;

    if (probation_distance(space) < 0)
        flow->figures.late += probation->count;
    else
        flow->outliers += probation->count;
    probation->count = 0;
}

/* The run below the highest when that one jumped, by more than the window, and is still alone; or
 * NULL. Any frame since would have filled in a part of the run or moved the highest on. */
static struct missing_run *lone_jump(const struct arrival *arrival)
{
    const struct sequence_space *space = arrival->space;
    struct missing_run *run;

    if (space->runs == POOL_NONE || space->runs != space->last_run)
        return NULL;
    run = run_at(arrival->sequencer, space->runs);
    if (run->last + 1 != space->highest || run->last - run->first + 1 < arrival->sequencer->window)
        return NULL;
    return run;
}

/* The lone frame behind RUN did not belong here: back to where the numbers were before it. What
 * came before was nearly all seen, and the jump has forgotten which. */
static void take_back_jump(const struct arrival *arrival, const struct missing_run *run)
{
    struct sequence_space *space = arrival->space;
    uint64_t restored = run->first - 1;

    arrival->flow->figures.wraparounds -= (uint32_t)((space->highest >> 32) - (restored >> 32));
    arrival->flow->outliers++;
    space->highest = restored;
    space->highest_ns = run->before_ns;
    window_mark_all_seen(arrival);
    pool_return(&arrival->sequencer->runs, space->runs);
    space->runs = POOL_NONE;
}

/* A number that is in the window by now, or confirmed beyond it. */
static void receive_believed(const struct arrival *arrival, uint32_t number, uint64_t now_ns)
{
    int32_t distance = (int32_t)(number - (uint32_t)arrival->space->highest);

    if (distance > 0)
        window_advance(arrival, (uint32_t)distance, now_ns);
    else
        window_arrive_below(arrival, (uint32_t)-distance);
}

/* Whether three in a row, from FIRST to the arrival, go on from where the numbers were before RUN.
 */
static int goes_on_before(const struct arrival *arrival, uint32_t first,
                          const struct missing_run *run)
{
    int32_t back = (int32_t)((uint32_t)run->first - 1 - first);

    return back < (int32_t)arrival->sequencer->window &&
           arrival->number - (uint32_t)run->first <= (uint32_t)(run->last - run->first);
}

/* Puts the space where three in a row, from FIRST at FIRST_NS on, belong; FIRST is counted, too. */
static void believe(const struct arrival *arrival, uint32_t first, uint64_t first_ns)
{
    struct sequence_space *space = arrival->space;
    struct flow *flow = arrival->flow;
    int32_t distance = probation_distance(space);
    const struct missing_run *run = distance < 0 ? lone_jump(arrival) : NULL;

    if (run && goes_on_before(arrival, first, run)) {
        take_back_jump(arrival, run);
        receive_believed(arrival, first, first_ns);
        return;
    }
    if (arrival->association == flow->current && distance > 0 && first > (uint32_t)space->highest) {
        receive_believed(arrival, first, first_ns);
        return;
    }
    /* Back, or on beyond 2^32 by more than is believable: the sender began anew. */
    missing_expire(arrival->sequencer, flow, space, space->highest);
    if (arrival->association == flow->current) {
        space_begin(arrival->sequencer, space, first, first_ns);
        flow->restarts++;
    } else {
        space_begin_rekeyed(arrival, first, first_ns);
    }
}

static void confirm(const struct arrival *arrival)
{
    struct probation held = arrival->space->probation;

    believe(arrival, held.first, held.first_ns);
    arrival->space->probation.count = 0;
    receive_believed(arrival, held.first + held.second_distance, held.second_ns);
    receive_believed(arrival, arrival->number, arrival->now_ns);
}

/* Whether the frame goes on from those on probation, and then does what follows from it. */
static int continues_probation(const struct arrival *arrival)
{
    struct probation *probation = &arrival->space->probation;
    uint32_t step = arrival->number - probation->first - probation->second_distance;

    if (!probation->count || step > arrival->sequencer->window)
        return 0;
    if (step == 0) {
        arrival->flow->figures.duplicates++;
    } else if (probation->count + 1 == FRAMES_CONFIRMING) {
        confirm(arrival);
    } else {
        probation->second_distance = (uint16_t)step;
        probation->second_ns = arrival->now_ns;
        probation->count++;
    }
    return 1;
}

static void begin_probation(const struct arrival *arrival)
{
    probation_end(arrival->flow, arrival->space);
    arrival->space->probation = (struct probation){
        .first = arrival->number,
        .first_ns = arrival->now_ns,
        .count = 1,
    };
}

/* Whether NUMBER, behind the window, was already counted as lost. */
static int is_known_lost(const struct arrival *arrival, uint64_t number)
{
    const struct sequence_space *space = arrival->space;

    if ((uint32_t)number - space->lost_from < space->lost_size)
        return 1;
    return space->runs != POOL_NONE && number >= run_at(arrival->sequencer, space->runs)->first;
}

/* Whether a frame behind the window is simply late: its number is known to be lost, so it was held
 * back. A block of such frames would otherwise look like a restart, and its end would invent a
 * loss. But a lone jump may have been wrong, and no block goes on for ever. */
static int is_held_back(const struct arrival *arrival, uint64_t number)
{
    const struct missing_run *jumped = lone_jump(arrival);
    struct flow *flow = arrival->flow;
    uint32_t highest = (uint32_t)arrival->space->highest;

    if (!is_known_lost(arrival, number) || (jumped && number >= jumped->first))
        return 0;
    if (flow->late_row_highest != highest)
        flow->late_row = 0;
    flow->late_row_highest = highest;
    if (flow->late_row == HELD_BACK_MAX)
        return 0;
    flow->late_row++;
    return 1;
}

void probation_receive(const struct arrival *arrival, int32_t distance)
{
    uint64_t number = arrival->space->highest + (uint64_t)(int64_t)distance;

    if (continues_probation(arrival))
        return;
    if (distance < 0 && is_held_back(arrival, number)) {
        probation_end(arrival->flow, arrival->space);
        arrival->flow->figures.late++;
        return;
    }
    begin_probation(arrival);
}

void probation_receive_unbelieved(const struct arrival *arrival)
{
    if (arrival->number <= arrival->sequencer->window) {
        probation_end(arrival->flow, arrival->space);
        space_begin_rekeyed(arrival, arrival->number, arrival->now_ns);
    } else if (!continues_probation(arrival)) {
        begin_probation(arrival);
    }
}
