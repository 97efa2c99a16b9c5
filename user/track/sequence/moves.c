/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/moves.h"

#include <stdlib.h>
#include <string.h>

#include "peer_moves.h"
#include "track/sequence/move.h"
#include "track/sequence/sharers.h"

#define CERTAIN     64 /* numbers of the new flow, with no frame of the old one in between */
#define SHARERS_MAX 8  /* flows with one SPI and destination that are compared */
#define CHAIN_MAX   64 /* moves of one peer that are followed */
#define PENDING_MAX 65536

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

static uint64_t received(const struct sequencer *sequencer, const struct flow *flow)
{
    return flow_figures(sequencer, flow).received;
}

struct flow *newest_of(const struct sequencer *sequencer, struct flow *flow)
{
    const struct moves *moves = sequencer->moves;

    for (int i = 0; i < CHAIN_MAX; i++) {
        if (!move_has_left(moves, flow) || !is_joined(sequencer, flow->went))
            break;
        flow = move_at(moves, flow->went)->to;
    }
    return flow;
}

void move_drop(struct moves *moves, uint32_t handle)
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

struct move *move_begin(const struct sequencer *sequencer, struct flow *from, struct flow *to)
{
    struct moves *moves = sequencer->moves;
    uint64_t last = position_of(sequencer, from)->highest;
    uint32_t handle;

    if (from->went != POOL_NONE)
        move_drop(moves, from->went);
    handle = pool_take(&moves->pending);
    if (handle == POOL_NONE)
        return NULL;
    *move_at(moves, handle) =
        (struct move){.from = from, .to = to, .last = last, .older = to->came};
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

/* Whether FLOW seems to go on at a flow to which more than COUNT numbers came meanwhile. */
static int has_gone(const struct sequencer *sequencer, const struct flow *flow, uint64_t count)
{
    const struct move *move;

    if (flow->went == POOL_NONE)
        return 0;
    move = move_at(sequencer->moves, flow->went);
    return received(sequencer, move->to) - (move->is_return ? move->base : 0) > count;
}

/* Whether the flow of ARRIVAL, whose first three numbers came, may continue OTHER: they are near
 * the highest of OTHER. Frames are reordered, so some may be below it, if OTHER has not got them.
 */
static int may_continue(const struct arrival *arrival, struct flow *other)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *main = believed(arrival);
    uint64_t last = NUMBERS_START + sequence_last(sequencer, other);
    const struct move move = {.from = other, .to = arrival->flow};

    return join_begins_near(sequencer, arrival->flow, last) &&
           distance(other, main->highest, last) <= NEAR &&
           !has_gone(sequencer, other, main->distinct) &&
           join_shared(sequencer, &move) < CONTRADICTING;
}

/* Whether flow A is rather continued than B: its highest number is nearer, unless so few numbers
 * came to it that they may be forged. */
static int is_nearer(const struct sequencer *sequencer, const struct flow *a, const struct flow *b)
{
    int is_firm = received(sequencer, a) >= CERTAIN;

    if (is_firm != (received(sequencer, b) >= CERTAIN))
        return is_firm;
    return distance(a, sequence_last(sequencer, a), sequence_last(sequencer, b)) > 0;
}

/* Finds the flow that FLOW continues, among those with its SPI and destination. Returns it, or
 * NULL. Adds FLOW to these flows. */
static struct flow *find_continued(const struct arrival *arrival, struct flow *flow)
{
    struct moves *moves = arrival->sequencer->moves;
    uint32_t hash = sharers_hash(moves, &flow->key);
    struct flow *found = NULL;
    unsigned count = 0;

    for (uint32_t at = moves->buckets[hash & moves->bucket_mask]; at != POOL_NONE;
         at = sharer_at(moves, at)->next) {
        struct flow *other = sharer_at(moves, at)->flow;

        if (other == flow)
            return NULL;
        if (!sharers_are_alike(&other->key, &flow->key))
            continue;
        if (++count > SHARERS_MAX)
            return NULL;
        if (may_continue(arrival, other) && (!found || is_nearer(arrival->sequencer, other, found)))
            found = other;
    }
    sharers_add(moves, flow, hash);
    return found;
}

void move_begin_return(const struct arrival *arrival)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct flow *newest = newest_of(sequencer, arrival->flow);
    struct move *move;

    if (newest == arrival->flow || is_decided(sequencer->moves, newest->went) ||
        has_gone(sequencer, newest, CONFIRM))
        return;
    move = move_begin(sequencer, newest, arrival->flow);
    if (!move)
        return;
    move->is_return = 1;
    join_note(sequencer, move);
    move->base = received(sequencer, arrival->flow);
}

int moves_know(const struct sequencer *sequencer, const struct flow_key *key, uint64_t number)
{
    const struct moves *moves = sequencer->moves;
    uint32_t at = peer_may_move(key) ? moves->buckets[sharers_hash(moves, key) & moves->bucket_mask]
                                     : POOL_NONE;

    for (unsigned count = 0; at != POOL_NONE && count < SHARERS_MAX; count++) {
        const struct sharer *sharer = sharer_at(moves, at);
        int64_t ahead = distance(sharer->flow, number, sequence_last(sequencer, sharer->flow));

        if (sharers_are_alike(&sharer->flow->key, key) && ahead > -NEAR && ahead <= NEAR)
            return 1;
        at = sharer->next;
    }
    return 0;
}

int moves_begin(const struct arrival *arrival)
{
    struct flow *flow = arrival->flow;
    struct flow *continued;
    struct move *move;

    if (!peer_may_move(&flow->key))
        return 0;
    continued = find_continued(arrival, flow);
    move = continued ? move_begin(arrival->sequencer, continued, flow) : NULL;
    if (!move)
        return 0;
    if (continued->timing.last_ns >= flow->first_ns)
        move->base = believed(arrival)->distinct;
    return 1;
}

/* --- certainty --- */

void move_touch(const struct moves *moves, const struct flow *flow)
{
    uint32_t hash = flow_table_hash(moves->table, &flow->key);

    flow_table_touch(moves->table, flow_table_find(moves->table, &flow->key, hash));
}

/* Whether the old flow of MOVE is not behind where it was when the new one began, and that began
 * near where the old one is now. */
static int begins_near_old(const struct sequencer *sequencer, const struct move *move)
{
    const struct position *from = position_of(sequencer, move->from);

    return ahead_of(from, move->last) <= 0 && join_begins_near(sequencer, move->to, from->highest);
}

/* Ends the stream of the old flow of MOVE, whose peer has gone. Hypotheses that it is elsewhere
 * than where the new flow began are contradicted by that, so that they are forgotten first. */
static void end_old(const struct arrival *arrival, const struct move *move)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct flow *flow = move->from;
    const struct arrival of_old = {
        .sequencer = sequencer, .flow = flow, .now_ns = flow->timing.last_ns};

    if (flow->channel != POOL_NONE)
        FOR_OTHERS (sequencer, channel_of(&of_old), handle, following)
            if (!stance_of(sequencer, handle)->is_earlier &&
                (move->is_return ||
                 !join_begins_near(sequencer, move->to, position_at(sequencer, handle)->highest)))
                channel_forget(&of_old, handle);
    sequence_decide(sequencer, flow);
    move_touch(sequencer->moves, flow);
}

/* Makes the move with HANDLE certain, unless the old flow turns out to have ended elsewhere. */
static void make_certain(const struct arrival *arrival, uint32_t handle)
{
    struct moves *moves = arrival->sequencer->moves;
    struct move *move = move_at(moves, handle);

    end_old(arrival, move);
    if (move->is_return) {
        if (move->to->went != POOL_NONE)
            move_drop(moves, move->to->went); /* its peer is back */
    } else if (begins_near_old(arrival->sequencer, move)) {
        join(arrival, move);
    } else {
        move_drop(moves, handle);
        return;
    }
    move->is_certain = 1;
    move->contradicted = 0;
    sharers_remove(moves, move->from); /* the SA does not go on from there */
    tell(arrival, move, TIE_MOVED);
}

/* Whether the flows of MOVE have too many numbers in common for one sender, or one of them went
 * elsewhere since the new one began. */
static int are_two_senders(const struct sequencer *sequencer, const struct move *move)
{
    const struct position *to = position_of(sequencer, move->to);

    return !begins_near_old(sequencer, move) ||
           to->lowest + sequencer->window <=
               position_extend(to, position_of(sequencer, move->from)->highest) ||
           join_shared(sequencer, move) >= CONTRADICTING;
}

void moves_after(const struct arrival *arrival)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t handle = arrival->flow->came;
    struct move *move;

    if (handle == POOL_NONE || move_at(sequencer->moves, handle)->is_certain)
        return;
    move = move_at(sequencer->moves, handle);
    if (!move->is_return && received(sequencer, move->to) > NEAR)
        move_drop(sequencer->moves, handle); /* the old flow repeats frames */
    else if (received(sequencer, move->to) - move->base < CERTAIN)
        return;
    else if (!move->is_return && are_two_senders(sequencer, move))
        move_drop(sequencer->moves, handle);
    else if (move->is_return || join_above(sequencer, move) >= CONFIRM)
        make_certain(arrival, handle);
}

/* --- the old flow sends --- */

void move_undo(const struct arrival *arrival, uint32_t handle)
{
    struct moves *moves = arrival->sequencer->moves;
    const struct move *move = move_at(moves, handle);

    if (move->is_certain) {
        unjoin(arrival, move);
        tell(arrival, move, TIE_UNDONE);
    }
    move_drop(moves, handle);
}

/* Called when a frame of the old flow comes before the move is certain. Frames that were sent
 * before the source changed may still come; numbers that the new flow has, or that are far behind
 * those with which it began, contradict the move. */
static void interrupt(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;
    struct move *move = move_at(sequencer->moves, handle);
    const struct position *to = position_of(sequencer, move->to);
    uint64_t there = position_extend(to, number);

    move->base = received(sequencer, move->to);
    if (move->is_return)
        return;
    if ((has_number(sequencer, to, there) || there >= to->lowest + sequencer->window) &&
        ++move->contradicted >= CONTRADICTING)
        move_drop(sequencer->moves, handle);
}

int moves_receive(const struct arrival *arrival, uint64_t number)
{
    const struct moves *moves = arrival->sequencer->moves;
    const struct flow *flow = arrival->flow;

    if (flow->went != POOL_NONE && !move_at(moves, flow->went)->is_certain)
        interrupt(arrival, flow->went, number);
    if (is_joined(arrival->sequencer, flow->went) || is_joined(arrival->sequencer, flow->came))
        return join_receive(arrival, number);
    return 0;
}

int moves_withhold(const struct moves *moves, const struct flow *flow)
{
    return flow->came != POOL_NONE && !is_decided(moves, flow->came);
}

void moves_leave(const struct sequencer *sequencer, struct flow *flow)
{
    struct moves *moves = sequencer->moves;

    while (flow->came != POOL_NONE) {
        if (is_joined(sequencer, flow->came))
            join_follow(sequencer, move_at(moves, flow->came)->from, flow);
        move_drop(moves, flow->came);
    }
    if (flow->went != POOL_NONE)
        move_drop(moves, flow->went);
    if (peer_may_move(&flow->key))
        sharers_remove(moves, flow);
}
