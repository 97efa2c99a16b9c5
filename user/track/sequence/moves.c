/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/moves.h"

#include <stdlib.h>
#include <string.h>

#include "peer_moves.h"
#include "track/sequence/channel.h"
#include "track/sequence/sharers.h"

#define NEAR          4096 /* numbers from where the old flow stopped to where the new one began */
#define CERTAIN       64   /* numbers of the new flow, with no frame of the old one in between */
#define CONTRADICTING 3    /* frames of the old flow that show that the peer had not moved */
#define SHARERS_MAX   8    /* flows with one SPI and destination that are compared */
#define CHAIN_MAX     64   /* moves of one peer that are followed */
#define PENDING_MAX   65536

struct move {
    struct flow *from;
    struct flow *to;
    uint64_t base;        /* numbers that TO had received when FROM last sent */
    uint64_t first;       /* the numbers that this move added to what TO lost, as it extends them */
    uint64_t last;        /* below FIRST: none */
    uint64_t start;       /* where TO's SA started without them */
    size_t gap_index;     /* number of logged gaps when they were added */
    uint32_t older;       /* an earlier move to TO, or POOL_NONE */
    uint8_t contradicted; /* frames of FROM that contradict it */
    uint8_t is_certain;
    uint8_t is_return; /* FROM is where the peer of TO had gone to */
    uint8_t reserved;
};

int moves_init(struct moves *moves, struct flow_table *table, uint32_t max_flows)
{
    *moves = (struct moves){.table = table};
    if (sharers_init(moves, max_flows) == 0 &&
        pool_init(&moves->pending, sizeof(struct move), PENDING_MAX) == 0)
        return 0;
    moves_release(moves);
    return -1;
}

void moves_release(struct moves *moves)
{
    free(moves->buckets);
    pool_release(&moves->sharers);
    pool_release(&moves->pending);
    tie_log_release(&moves->ties);
    *moves = (struct moves){0};
}

void moves_tie(struct moves *moves, const struct tie *tie)
{
    tie_log_add(&moves->ties, tie);
    if (moves->new_ties)
        tie_log_add(moves->new_ties, tie);
}

/* --- where a peer was and where it is --- */

static struct move *move_at(const struct moves *moves, uint32_t handle)
{
    return pool_at(&moves->pending, handle);
}

/* Whether HANDLE is a move that is not certain yet. */
static int is_pending(const struct moves *moves, uint32_t handle)
{
    return handle != POOL_NONE && !move_at(moves, handle)->is_certain;
}

/* How far NUMBER is ahead of OTHER; negative: behind. */
static int64_t distance(uint64_t number, uint64_t other)
{
    return (int32_t)((uint32_t)number - (uint32_t)other);
}

/* Whether NUMBER is near and above OTHER. */
static int goes_on_from(uint64_t number, uint64_t other)
{
    return distance(number, other) > 0 && distance(number, other) <= NEAR;
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

static uint64_t received(const struct sequencer *sequencer, const struct flow *flow)
{
    return flow_figures(sequencer, flow).received;
}

/* The flow at which the peer of FLOW is now, after all its moves. */
static struct flow *newest_of(const struct moves *moves, struct flow *flow)
{
    for (int i = 0; i < CHAIN_MAX && flow->went != POOL_NONE; i++) {
        const struct move *move = move_at(moves, flow->went);

        if (!move->is_certain)
            break;
        flow = move->to;
    }
    return flow;
}

static void drop(struct moves *moves, uint32_t handle)
{
    const struct move *move = move_at(moves, handle);
    uint32_t *at = &move->to->came;

    while (*at != handle)
        at = &move_at(moves, *at)->older;
    *at = move->older;
    move->from->went = POOL_NONE;
    if (move->is_certain)
        sharers_add(moves, move->from, sharers_hash(moves, &move->from->key));
    pool_return(&moves->pending, handle);
}

/* Begins a move that is not certain yet, and ends another one of FROM that is not certain. Returns
 * it, or NULL: no memory. */
static struct move *begin(struct moves *moves, struct flow *from, struct flow *to)
{
    uint32_t handle;

    if (from->went != POOL_NONE)
        drop(moves, from->went);
    handle = pool_take(&moves->pending);
    if (handle == POOL_NONE)
        return NULL;
    *move_at(moves, handle) = (struct move){.from = from, .to = to, .first = 1, .older = to->came};
    from->went = handle;
    to->came = handle;
    return move_at(moves, handle);
}

static void tell(const struct arrival *arrival, const struct move *move, enum tie_kind kind)
{
    const struct tie tie = {
        .from = move->from->key,
        .to = move->to->key,
        .timestamp_ns = kind == TIE_UNDONE ? arrival->now_ns : move->to->first_ns,
        .kind = kind,
    };
    const struct track_event event = {
        .timestamp_ns = arrival->now_ns,
        .key = tie.to,
        .other = tie.from,
        .kind = kind == TIE_UNDONE ? EVENT_UNDONE : EVENT_MOVED,
    };

    moves_tie(arrival->sequencer->moves, &tie);
    if (arrival->sequencer->new_events)
        event_log_add(arrival->sequencer->new_events, &event);
}

/* --- a new flow that may continue another one --- */

/* Finds the flow that FLOW continues, among those with its SPI and destination: the first numbers
 * of FLOW are near and above its highest number; of several, it is the nearest. Returns it, or
 * NULL. Adds FLOW to these flows. */
static struct flow *find_continued(const struct arrival *arrival, struct flow *flow)
{
    struct moves *moves = arrival->sequencer->moves;
    const struct position *main = believed(arrival);
    uint32_t hash = sharers_hash(moves, &flow->key);
    struct flow *found = NULL;
    uint64_t found_last = 0;
    unsigned count = 0;

    for (uint32_t at = moves->buckets[hash & moves->bucket_mask]; at != POOL_NONE;
         at = sharer_at(moves, at)->next) {
        struct flow *other = sharer_at(moves, at)->flow;
        uint64_t last = sequence_last(arrival->sequencer, other);

        if (other == flow)
            return NULL;
        if (!sharers_are_alike(&other->key, &flow->key))
            continue;
        if (++count > SHARERS_MAX)
            return NULL;
        if (!goes_on_from(main->lowest, last) || !goes_on_from(main->highest, last))
            continue;
        if (!found || distance(last, found_last) > 0) {
            found = other;
            found_last = last;
        }
    }
    sharers_add(moves, flow, hash);
    return found;
}

int moves_begin(const struct arrival *arrival)
{
    struct moves *moves = arrival->sequencer->moves;
    struct flow *flow = arrival->flow;
    struct flow *continued;
    struct move *move;

    if (!peer_may_move(&flow->key))
        return 0;
    continued = find_continued(arrival, flow);
    move = continued ? begin(moves, continued, flow) : NULL;
    if (!move)
        return 0;
    if (continued->timing.last_ns >= flow->first_ns)
        move->base = believed(arrival)->distinct;
    return 1;
}

/* --- certainty --- */

/* Marks FLOW as used: its figures changed without a frame of it, and must be collected. */
static void touch(const struct moves *moves, const struct flow *flow)
{
    uint32_t hash = flow_table_hash(moves->table, &flow->key);

    flow_table_touch(moves->table, flow_table_find(moves->table, &flow->key, hash));
}

/* Counts the numbers that are missing between both flows as lost in the new one. */
static void add_missing_between(const struct arrival *arrival, struct move *move)
{
    struct sequencer *sequencer = arrival->sequencer;
    const struct position *old = position_at(sequencer, move->from->position);
    struct position *first = first_position(sequencer, move->to);
    int64_t ahead = distance(first->lowest, sequence_last(sequencer, move->from));
    struct missing_run run = {
        .first = first->lowest - (uint64_t)ahead + 1,
        .last = first->lowest - 1,
        .before_ns = old->highest_ns,
        .after_ns = move->to->first_ns,
    };

    if (ahead <= 1 || ahead > NEAR)
        return;
    move->to->origins |= move->from->origins;
    move->first = run.first;
    move->last = run.last;
    move->start = first->start;
    move->gap_index = sequencer->gaps->count;
    first->start = run.first;
    missing_prepend(arrival, first, &run);
    if (first != believed(arrival))
        missing_expire(sequencer, move->to, first, run.last);
}

static void make_certain(const struct arrival *arrival, struct move *move)
{
    struct moves *moves = arrival->sequencer->moves;

    sequence_flush(arrival->sequencer, move->from); /* its stream ended */
    touch(moves, move->from);
    if (!move->is_return)
        add_missing_between(arrival, move);
    else if (move->to->went != POOL_NONE)
        drop(moves, move->to->went); /* its peer is back */
    move->is_certain = 1;
    move->contradicted = 0;
    sharers_remove(moves, move->from); /* the SA does not go on from there */
    tell(arrival, move, TIE_MOVED);
}

void moves_after(const struct arrival *arrival)
{
    struct move *move;

    if (arrival->flow->came == POOL_NONE)
        return;
    move = move_at(arrival->sequencer->moves, arrival->flow->came);
    if (!move->is_certain && received(arrival->sequencer, move->to) - move->base >= CERTAIN)
        make_certain(arrival, move);
}

/* --- the old flow sends --- */

/* Withdraws the gap of the numbers that MOVE added to FIRST, if it was logged. */
static void withdraw_gap(const struct sequencer *sequencer, const struct move *move,
                         struct position *first)
{
    uint64_t last = move->last - position_zero(sequencer, first);

    for (size_t i = sequencer->gaps->count; i-- > move->gap_index;) {
        struct gap *gap = &sequencer->gaps->gaps[i];

        if (gap->is_withdrawn || gap->last_number != last ||
            memcmp(&gap->key, &move->to->key, sizeof(gap->key)) != 0)
            continue;
        gap->is_withdrawn = 1;
        if (sequencer->new_gaps)
            gap_log_add(sequencer->new_gaps, gap);
        first->figures.lost[gap->cause] -= gap->size;
        first->figures.gaps--;
        return;
    }
}

/* Undoes the move: the old flow went on, so the frames of the new one are of another sender. */
static void undo(const struct arrival *arrival, uint32_t handle)
{
    struct moves *moves = arrival->sequencer->moves;
    const struct move *move = move_at(moves, handle);
    struct position *first = first_position(arrival->sequencer, move->to);

    if (move->first <= move->last && first->start == move->first) {
        withdraw_gap(arrival->sequencer, move, first);
        missing_drop_below(arrival->sequencer, first, move->last + 1);
        first->start = move->start;
        touch(moves, move->to);
    }
    tell(arrival, move, TIE_UNDONE);
    drop(moves, handle);
}

/* Called when a frame of the old flow comes before the move is certain. Only frames that were sent
 * before the new flow began may still come; others contradict the move. */
static void interrupt(const struct arrival *arrival, uint32_t handle, uint32_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;
    struct move *move = move_at(sequencer->moves, handle);

    move->base = received(sequencer, move->to);
    if (distance(number, first_position(sequencer, move->to)->lowest) >= 0 &&
        ++move->contradicted >= CONTRADICTING)
        drop(sequencer->moves, handle);
}

/* Called when the peer seems to be back from flow NEWEST: numbers that came there do not count as
 * missing here. */
static void come_back(const struct arrival *arrival, struct flow *newest)
{
    struct sequencer *sequencer = arrival->sequencer;
    const struct position *there = position_at(sequencer, newest->position);
    int64_t ahead = distance(there->highest, believed(arrival)->highest);
    struct position *main;
    struct move *move;

    if (ahead > 0 && channel_open(arrival) == 0) {
        believe_settle(arrival, arrival->flow->position);
        main = believed(arrival);
        position_give_up(sequencer, arrival->flow, main);
        if (main->memory != POOL_NONE)
            memory_fill(memory_at(sequencer, main->memory)->seen, main->highest + 1,
                        (uint64_t)ahead, 1);
        main->highest += (uint64_t)ahead;
        main->highest_ns = there->highest_ns;
    }
    if (is_pending(sequencer->moves, arrival->flow->came))
        return;
    move = begin(sequencer->moves, newest, arrival->flow);
    if (!move)
        return;
    move->is_return = 1;
    move->base = received(sequencer, arrival->flow);
}

/* Called when a frame of the old flow comes after the move is certain. */
static void resume(const struct arrival *arrival, uint32_t handle, uint32_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;
    struct flow *newest = newest_of(sequencer->moves, arrival->flow);
    struct move *move = move_at(sequencer->moves, handle);

    if (newest == arrival->flow)
        return;
    if (goes_on_from(number, sequence_last(sequencer, newest)))
        come_back(arrival, newest);
    else if (!is_pending(sequencer->moves, arrival->flow->came) &&
             distance(number, sequence_last(sequencer, arrival->flow)) > 0 &&
             ++move->contradicted >= CONTRADICTING)
        undo(arrival, handle);
}

void moves_before(const struct arrival *arrival, uint32_t number)
{
    uint32_t handle = arrival->flow->went;

    if (handle == POOL_NONE)
        return;
    if (move_at(arrival->sequencer->moves, handle)->is_certain)
        resume(arrival, handle, number);
    else
        interrupt(arrival, handle, number);
}

void moves_leave(struct moves *moves, struct flow *flow)
{
    while (flow->came != POOL_NONE)
        drop(moves, flow->came);
    if (flow->went != POOL_NONE)
        drop(moves, flow->went);
    if (peer_may_move(&flow->key))
        sharers_remove(moves, flow);
}
