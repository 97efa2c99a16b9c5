/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Flows that are one SA, because its peer moves from one to the other.
 *
 * They are one receiver. The flow with the highest number leads; what is missing above the highest
 * number of the flow that led before is missing there. A number that is missing in any of them is
 * found there, through whichever flow it comes, until a receiver with the window would refuse it.
 */
#include "track/sequence/move.h"

#include <string.h>

/* --- joining --- */

uint32_t join_shared(const struct sequencer *sequencer, const struct move *move)
{
    const struct position *from = position_of(sequencer, move->from);
    const struct position *to = position_of(sequencer, move->to);
    uint64_t number = to->lowest;
    uint64_t end = position_extend(to, from->highest);
    uint32_t count = 0;

    if (number + MEMORY_NUMBERS <= end)
        number = end - MEMORY_NUMBERS + 1;
    for (; number <= end; number++)
        count += has_number(sequencer, to, number) &&
                 has_number(sequencer, from, position_extend(from, number));
    return count;
}

uint32_t join_above(const struct sequencer *sequencer, const struct move *move)
{
    const struct position *to = position_of(sequencer, move->to);
    uint64_t number = position_extend(to, position_of(sequencer, move->from)->highest) + 1;
    uint32_t count = 0;

    if (number < to->lowest)
        number = to->lowest;
    for (; number <= to->highest && count < CONTRADICTING; number++)
        count += !position_remembers(to, number) || position_saw(sequencer, to, number);
    return count;
}

/* The oldest position of FLOW that is kept. */
static struct position *first_position(const struct sequencer *sequencer, const struct flow *flow)
{
    uint32_t handle = flow->position;

    while (position_at(sequencer, handle)->stance != POOL_NONE &&
           stance_of(sequencer, handle)->before != POOL_NONE)
        handle = stance_of(sequencer, handle)->before;
    return position_at(sequencer, handle);
}

int join_begins_near(const struct sequencer *sequencer, const struct flow *flow, uint64_t last)
{
    int64_t ahead = distance(flow, first_position(sequencer, flow)->lowest, last);

    return ahead > -(int64_t)sequencer->window && ahead <= NEAR;
}

/* The generation of the SA at which FLOW is, or UINT32_MAX: of one that may be undone. */
static uint32_t sa_of(const struct sequencer *sequencer, const struct flow *flow)
{
    uint32_t handle = flow->position;

    while (position_at(sequencer, handle)->stance != POOL_NONE &&
           stance_of(sequencer, handle)->to_settle) {
        if (stance_of(sequencer, handle)->change != CHANGE_JUMP)
            return UINT32_MAX;
        handle = stance_of(sequencer, handle)->before;
    }
    return position_at(sequencer, handle)->generation;
}

void join_note(const struct sequencer *sequencer, struct move *move)
{
    move->from_sa = sa_of(sequencer, move->from);
    move->to_sa = sa_of(sequencer, move->to);
}

int is_joined(const struct sequencer *sequencer, uint32_t handle)
{
    const struct move *move;

    if (!is_decided(sequencer->moves, handle))
        return 0;
    move = move_at(sequencer->moves, handle);
    return sa_of(sequencer, move->from) == move->from_sa &&
           sa_of(sequencer, move->to) == move->to_sa;
}

/* Makes the numbers from FIRST up to the start of POSITION missing that did not come to it; the one
 * before FIRST came at BEFORE_NS. */
static void begin_lower(const struct arrival *arrival, struct position *position, uint64_t first,
                        uint64_t before_ns)
{
    struct missing_run run = {
        .last = position->start - 1, .before_ns = before_ns, .after_ns = arrival->flow->first_ns};

    missing_drop_below(arrival->sequencer, position, position->start);
    for (uint64_t number = run.last; number >= first; number--) {
        if (!has_number(arrival->sequencer, position, number))
            continue;
        run.first = number + 1;
        if (run.first <= run.last)
            missing_prepend(arrival, position, &run);
        run.last = number - 1;
    }
    run.first = first;
    if (run.first <= run.last)
        missing_prepend(arrival, position, &run);
}

/* Finds at OLD, the position of another flow, the numbers that came to POSITION. */
static void fill_old(const struct arrival *arrival, const struct position *position,
                     struct position *old)
{
    uint64_t end = position_extend(position, old->highest);

    for (uint64_t number = position->lowest; number <= end && old->runs != POOL_NONE; number++)
        if (has_number(arrival->sequencer, position, number))
            missing_fill(arrival, old, position_extend(old, number));
}

void join(const struct arrival *arrival, struct move *move)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *old = position_of(sequencer, move->from);
    struct position *first = first_position(sequencer, move->to);
    uint64_t above = position_extend(first, old->highest) + 1;

    fill_old(arrival, first, old);
    move->to->origins |= move->from->origins;
    move->start = first->start;
    move->joined = above;
    move->gap_index = sequencer->gaps->count;
    join_note(sequencer, move);
    if (above < first->start)
        begin_lower(arrival, first, above, old->highest_ns);
    else
        missing_drop_below(sequencer, first, above);
    first->start = above;
    if (first != believed(arrival))
        missing_expire(sequencer, move->to, first, move->start - 1);
}

/* Withdraws the gaps of FIRST that came about because MOVE was certain. */
static void withdraw_gaps(const struct sequencer *sequencer, const struct move *move,
                          struct position *first)
{
    uint64_t end = move->start - position_zero(sequencer, first);

    for (size_t i = sequencer->gaps->count; i-- > move->gap_index;) {
        const struct gap *gap = &sequencer->gaps->gaps[i];

        if (gap->is_withdrawn || gap->generation != first->generation || gap->last_number >= end ||
            memcmp(&gap->key, &move->to->key, sizeof(gap->key)) != 0)
            continue;
        gap_log_withdraw(sequencer->gaps, (uint32_t)i + 1, sequencer->new_gaps);
        first->figures.lost[gap->cause] -= gap->size;
        first->figures.gaps--;
    }
    first->last_gap = gap_log_standing(sequencer->gaps, first->last_gap);
}

void unjoin(const struct arrival *arrival, const struct move *move)
{
    struct position *first = first_position(arrival->sequencer, move->to);

    if (move->is_return || first->start != move->joined || first->start >= move->start)
        return;
    withdraw_gaps(arrival->sequencer, move, first);
    missing_drop_below(arrival->sequencer, first, move->start);
    first->start = move->start;
    move_touch(arrival->sequencer->moves, move->to);
}

/* --- frames of joined flows --- */

#define PARTS_MAX 4

/* A flow that is further behind the one that leads follows it: its highest number must stay near
 * enough to tell which of two numbers is ahead. */
#define FAR (1 << 29)

/* The flows of an SA at which numbers may be missing, and the one that leads. */
struct parts {
    struct flow *flows[PARTS_MAX];
    unsigned count;
    struct flow *leader;
};

/* Adds FLOW to PARTS. */
static void add(const struct sequencer *sequencer, struct parts *parts, struct flow *flow)
{
    const struct position *leader = position_of(sequencer, parts->leader);

    for (unsigned i = 0; i < parts->count; i++)
        if (parts->flows[i] == flow)
            return;
    parts->flows[parts->count++] = flow;
    if (ahead_of(leader, position_of(sequencer, flow)->highest) > 0)
        parts->leader = flow;
}

/* The flows that are one SA with FLOW: where it is now, and where it was before and after FLOW. */
static struct parts parts_of(const struct sequencer *sequencer, struct flow *flow)
{
    const struct moves *moves = sequencer->moves;
    struct flow *newest = newest_of(sequencer, flow);
    struct parts parts = {.flows = {flow}, .count = 1, .leader = flow};

    add(sequencer, &parts, newest);
    if (is_joined(sequencer, newest->went)) /* it comes back */
        add(sequencer, &parts, move_at(moves, newest->went)->to);
    if (is_joined(sequencer, flow->came))
        add(sequencer, &parts, move_at(moves, flow->came)->from);
    return parts;
}

/* Moves the highest number of POSITION to NUMBER. What is in between is no concern of its flow. */
static void follow(const struct sequencer *sequencer, struct position *position, uint64_t number,
                   uint64_t highest_ns)
{
    if (number <= position->highest)
        return;
    if (position->memory != POOL_NONE)
        memory_fill(memory_at(sequencer, position->memory)->seen, position->highest + 1,
                    number - position->highest, 1);
    position->highest = number;
    position->highest_ns = highest_ns;
}

void join_follow(const struct sequencer *sequencer, const struct flow *from, const struct flow *to)
{
    const struct position *there = position_of(sequencer, to);
    struct position *position = position_of(sequencer, from);

    follow(sequencer, position, position_extend(position, there->highest), there->highest_ns);
}

/* Declares what is missing lost that the SA of PARTS no longer accepts. The leader does so itself.
 */
static void expire(struct sequencer *sequencer, const struct parts *parts)
{
    uint64_t highest = position_of(sequencer, parts->leader)->highest;

    for (unsigned i = 0; i < parts->count; i++) {
        struct flow *flow = parts->flows[i];
        struct position *position = position_of(sequencer, flow);
        uint32_t runs = position->runs;

        if (flow != parts->leader && ahead_of(position, highest) > FAR)
            join_follow(sequencer, flow, parts->leader);
        if (flow == parts->leader || runs == POOL_NONE)
            continue;
        missing_expire(sequencer, flow, position,
                       position_extend(position, highest) - sequencer->window);
        if (position->runs != runs)
            move_touch(sequencer->moves, flow);
    }
}

/* The flow of PARTS at which NUMBER is missing, or NULL. */
static struct flow *where_missing(const struct sequencer *sequencer, const struct parts *parts,
                                  uint64_t number)
{
    for (unsigned i = 0; i < parts->count; i++) {
        const struct position *position = position_of(sequencer, parts->flows[i]);

        if (missing_has(sequencer, position, position_extend(position, number)))
            return parts->flows[i];
    }
    return NULL;
}

/* Counts NUMBER, which came to the flow of ARRIVAL and was missing at FLOW, another one. */
static void find(const struct arrival *arrival, const struct parts *parts, struct flow *flow,
                 uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct arrival of_flow = {.sequencer = sequencer, .flow = flow, .now_ns = arrival->now_ns};
    struct position *main = believed(arrival);
    int64_t behind = -ahead_of(position_of(sequencer, parts->leader), number);

    for (unsigned i = 0; i < parts->count; i++) {
        struct position *position = position_of(sequencer, parts->flows[i]);
        uint64_t there = position_extend(position, number);

        if (position_remembers(position, there))
            position_mark(sequencer, position, there, 1);
    }
    missing_fill(&of_flow, position_of(sequencer, flow),
                 position_extend(position_of(sequencer, flow), number));
    follow(arrival->sequencer, main, position_extend(main, number), arrival->now_ns);
    main->figures.received++;
    main->figures.reordered++;
    if (behind > main->figures.max_reorder_distance)
        main->figures.max_reorder_distance = (uint32_t)behind;
    main->last_ns = arrival->now_ns;
    if (main->distinct < UINT32_MAX)
        main->distinct++;
}

/* Called when the flow of ARRIVAL takes over from the one that led. */
static void lead(const struct arrival *arrival, const struct parts *parts)
{
    const struct position *leader = position_of(arrival->sequencer, parts->leader);
    struct position *main;

    if (arrival->flow->channel != POOL_NONE)
        believe_settle(arrival, arrival->flow->position);
    main = believed(arrival);
    follow(arrival->sequencer, main, position_extend(main, leader->highest), leader->highest_ns);
}

/* Ends the moves that make FLOW part of an SA: its frames are of another sender. */
static void part(const struct arrival *arrival)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct flow *flow = arrival->flow;
    int has_left = is_joined(sequencer, flow->went) && move_has_left(sequencer->moves, flow);

    if (is_joined(sequencer, flow->went))
        move_undo(arrival, flow->went);
    if (!has_left && is_joined(sequencer, flow->came))
        move_undo(arrival, flow->came);
}

/* Called when NUMBER came to the flow of ARRIVAL, which does not lead, and is missing nowhere: it
 * came to another flow, or the SA no longer accepts it. A few such frames are copies, or late ones;
 * more show another sender. Returns whether they do; those before are received by the flow alone
 * then. */
static int contradict(const struct arrival *arrival, uint64_t number)
{
    const struct moves *moves = arrival->sequencer->moves;
    struct flow *flow = arrival->flow;
    struct move *move =
        move_at(moves, is_joined(arrival->sequencer, flow->went) ? flow->went : flow->came);
    uint64_t numbers[CONTRADICTING - 1];

    if (move->contradicted < CONTRADICTING - 1) {
        move->contradicting[move->contradicted++] = number;
        flow->outliers++;
        return 0;
    }
    memcpy(numbers, move->contradicting, sizeof(numbers));
    part(arrival);
    for (unsigned i = 0; i < CONTRADICTING - 1; i++) {
        struct arrival alone = *arrival;

        sequence_receive_alone(&alone, believed(arrival)->association, numbers[i]);
        flow->outliers--;
    }
    return 1;
}

int join_receive(const struct arrival *arrival, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *main = believed(arrival);
    struct parts parts = parts_of(sequencer, arrival->flow);
    int64_t ahead = ahead_of(position_of(sequencer, parts.leader), number);
    uint64_t here = position_extend(main, number);
    struct flow *missing;

    if (parts.count == 1)
        return 0;
    expire(sequencer, &parts);
    if (ahead > 0) {
        if (parts.leader != arrival->flow)
            lead(arrival, &parts);
        if (ahead <= NEAR)
            move_begin_return(arrival);
        return 0;
    }
    missing = where_missing(sequencer, &parts, number);
    if (missing && missing != arrival->flow) {
        find(arrival, &parts, missing, number);
        return 1;
    }
    if (missing || parts.leader == arrival->flow || has_number(sequencer, main, here))
        return 0;
    if (here > main->highest)
        return !contradict(arrival, number);
    if (!position_fits(main, here, sequencer->window))
        return 0;
    position_mark(sequencer, main, here, 1);
    main->figures.late++;
    return 1;
}
