/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Receives a number at the position that it fits. */
#include "track/sequence/sequence.h"

#include "base/units.h"
#include "track/sequence/channel.h"
#include "track/sequence/distance.h"
#include "track/sequence/move.h"
#include "track/sequence/moves.h"
#include "track/sequence/number_rate.h"
#include "track/sequence/receiver.h"

#define RUNS_BESIDES      65536 /* missing runs, besides one for each flow */
#define ENDED_SAS_MAX     65536 /* ended SAs that were not reported yet */
#define POSITIONS_BESIDES 32768 /* hypotheses, besides one for each flow */

int sequencer_init(struct sequencer *sequencer, uint32_t window, uint32_t max_flows,
                   struct gap_log *gaps)
{
    uint32_t positions = max_flows * (1 + EARLIER_MAX + 1) + POSITIONS_BESIDES;
    uint32_t reorders = positions + 2 * max_flows;

    *sequencer = (struct sequencer){.window = window, .gaps = gaps};
    if (pool_init(&sequencer->positions, sizeof(struct position), positions) == 0 &&
        pool_init(&sequencer->memories, sizeof(struct memory), positions) == 0 &&
        pool_init(&sequencer->runs, sizeof(struct missing_run), max_flows + RUNS_BESIDES) == 0 &&
        pool_init(&sequencer->channels, sizeof(struct channel), max_flows) == 0 &&
        pool_init(&sequencer->stances, sizeof(struct stance), positions) == 0 &&
        pool_init(&sequencer->strays, sizeof(struct stray),
                  HYPOTHESES_MAX * (max_flows + POSITIONS_BESIDES)) == 0 &&
        pool_init(&sequencer->reorders, sizeof(struct reorder), reorders) == 0 &&
        pool_init(&sequencer->reorder_counts, sizeof(struct reorder_counts), reorders) == 0 &&
        pool_init(&sequencer->receivers, sizeof(struct receiver), max_flows) == 0 &&
        pool_init(&sequencer->rates, sizeof(struct number_rates), max_flows) == 0 &&
        sequence_init_ended(sequencer, ENDED_SAS_MAX) == 0)
        return 0;
    sequencer_release(sequencer);
    return -1;
}

void sequencer_release(struct sequencer *sequencer)
{
    pool_release(&sequencer->positions);
    pool_release(&sequencer->memories);
    pool_release(&sequencer->runs);
    pool_release(&sequencer->channels);
    pool_release(&sequencer->stances);
    pool_release(&sequencer->strays);
    pool_release(&sequencer->reorders);
    pool_release(&sequencer->reorder_counts);
    pool_release(&sequencer->receivers);
    pool_release(&sequencer->rates);
    pool_release(&sequencer->ended_sas);
}

/* Notes the first number of a flow. A flood of forged frames makes flows of a single frame, so the
 * position is allocated only with the second. */
static void note_first(struct flow *flow, unsigned association, uint64_t number)
{
    flow->has_first = 1;
    flow->association = (uint8_t)association;
    flow->first_sequence = number;
}

/* Allocates the position of the first number. Returns 0, or -1: no memory. */
static int open_position(const struct arrival *arrival)
{
    struct flow *flow = arrival->flow;
    uint64_t first_ns = arrival->now_ns < flow->timing.last_ns
                            ? flow->timing.last_ns /* the second frame has an earlier time */
                            : flow->first_ns;

    flow->position = pool_take(&arrival->sequencer->positions);
    if (flow->position == POOL_NONE)
        return -1;
    position_begin(believed(arrival), flow, flow->association, NUMBERS_START + flow->first_sequence,
                   first_ns);
    return 0;
}

/* Makes changes final whose time is over. */
static void settle_in_time(const struct arrival *arrival)
{
    uint32_t handle = arrival->flow->position;
    int is_open = 0;

    for (; handle != POOL_NONE; handle = stance_of(arrival->sequencer, handle)->before) {
        const struct stance *stance = stance_of(arrival->sequencer, handle);

        if (stance->to_settle && arrival->now_ns > stance->believed_ns &&
            arrival->now_ns - stance->believed_ns >= SETTLE_NS &&
            !channel_has_only_copies(arrival->sequencer, handle))
            believe_settle(arrival, handle);
        is_open |= stance->to_settle != 0;
    }
    channel_of(arrival)->is_open = (uint8_t)is_open;
}

/* Whether NUMBER goes on from the position before rather than from the believed one, which has
 * shown nothing but copies so far. */
static int is_behind_copies(const struct arrival *arrival, uint64_t number)
{
    const struct position *main = believed(arrival);
    const struct stance *stance = stance_of(arrival->sequencer, arrival->flow->position);

    return stance->to_settle && stance->copies_end && number > stance->copies_end &&
           (number > position_front(arrival->sequencer, main) + CONFIRM_COPIES ||
            channel_may_be_mirror(arrival->sequencer, arrival->flow->position));
}

/* Whether NUMBER came before at the believed position, and would be in its window if one or two
 * numbers ahead were forged. */
static int is_copy(const struct arrival *arrival, uint64_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *main = believed(arrival);

    return position_remembers(main, number) && position_saw(sequencer, main, number) &&
           number + sequencer->window > position_front(sequencer, main);
}

int sequence_receive_alone(struct arrival *arrival, unsigned association, uint64_t number)
{
    struct position *main = believed(arrival);
    uint64_t extended = position_extend(main, number);
    int is_same = main->association == association;
    int is_in_window = is_same && position_fits(main, extended, arrival->sequencer->window);
    int fits = is_in_window || (is_same && is_copy(arrival, extended));
    int taken;

    if (fits && arrival->flow->channel == POOL_NONE && !channel_begins_anew(arrival, extended))
        return channel_take_alone(arrival, main, extended) < 0 ? -1 : 0;
    if (strays_take(arrival, association, number, extended, fits, &taken))
        return taken < 0 ? -1 : 0;
    if (channel_open(arrival) < 0) {
        arrival->flow->outliers++;
        return -1;
    }
    channel_of(arrival)->frames++;
    fits = fits && !is_behind_copies(arrival, extended);
    is_in_window = is_in_window && fits;
    if (is_same)
        distance_expect(arrival, extended, is_in_window);
    distance_follow(arrival, association, number); /* it may be believed again ... */
    taken = fits ? channel_go_on(arrival, extended) : channel_place(arrival, association, number);
    if (arrival->is_noted)
        distance_receive(arrival, extended);
    distance_follow(arrival, association, number); /* ... or have been left, because of NUMBER */
    channel_close_unused(arrival);
    return taken < 0 ? -1 : 0;
}

/* As sequence_receive(), for any number. Apart, so that the next number of a flow saves no
 * registers for all of this. */
static APART int receive_any(struct sequencer *sequencer, struct flow *flow, unsigned association,
                             uint64_t number, uint64_t now_ns)
{
    struct arrival arrival = {.sequencer = sequencer, .flow = flow, .now_ns = now_ns};
    int status = 0;

    if (!sequencer->began_ns)
        sequencer->began_ns = now_ns;
    if (!flow->has_first) {
        note_first(flow, association, number);
        return 0;
    }
    if (flow->position == POOL_NONE && open_position(&arrival) < 0)
        return -1;
    if (flow->channel != POOL_NONE && channel_of(&arrival)->is_open)
        settle_in_time(&arrival);
    if (!flow_moves(flow) || !moves_receive(&arrival, NUMBERS_START + number))
        status = sequence_receive_alone(&arrival, association, NUMBERS_START + number);
    if (flow_moves(flow))
        moves_after(&arrival);
    return status;
}

/* Whether NUMBER of ASSOCIATION, as on the wire, is the one behind the highest of POSITION, the
 * only one of its flow, and changes nothing but counts (take_next()): it decides nothing about
 * missing numbers or other positions, wraps no count around and begins no second. Most numbers are
 * such. */
static inline int is_next(const struct position *position, unsigned association, uint64_t number,
                          uint64_t now_ns)
{
    uint64_t skipped = NUMBERS_START + number - (position->highest + 1);

    return skipped << (64u - position->bits) == 0 && number != 0 &&
           position->association == association &&
           (position->runs | position->stance) == POOL_NONE && position->distinct >= CONFIRM &&
           position->distinct < UINT32_MAX && now_ns - position->second_ns < NS_PER_SECOND;
}

/* Takes a number for which is_next(), which came at NOW_NS. */
static inline void take_next(const struct sequencer *sequencer, struct position *position,
                             uint64_t now_ns)
{
    position->highest++;
    position_note_pause(position, now_ns);
    position->last_ns = now_ns;
    position->in_second++;
    position->distinct++;
    position->figures.received++;
    if (position->memory != POOL_NONE)
        memory_set(memory_at(sequencer, position->memory)->seen, position->highest);
}

int sequence_receive(struct sequencer *sequencer, struct flow *flow, unsigned association,
                     uint64_t number, uint64_t now_ns)
{
    number &= INT64_MAX;
    if (flow->position != POOL_NONE && !flow_moves(flow)) {
        struct position *position = position_at(sequencer, flow->position);

        if (is_next(position, association, number, now_ns) &&
            (flow->channel == POOL_NONE ||
             strays_are_calm(&channel_at(sequencer, flow->channel)->limits, position, now_ns))) {
            take_next(sequencer, position, now_ns);
            return 0;
        }
    }
    return receive_any(sequencer, flow, association, number, now_ns);
}

/* --- the end, and time --- */

/* Whether the frames of hypothesis HANDLE are the last ones of the flow. */
static int came_last(const struct arrival *arrival, uint32_t handle)
{
    const struct sequence_figures *figures = &position_at(arrival->sequencer, handle)->figures;
    uint64_t since =
        channel_of(arrival)->frames - stance_of(arrival->sequencer, handle)->founded_at;

    return since < figures->received + figures->duplicates + figures->late;
}

/* Whether hypothesis HANDLE is to be believed when the stream ends: it has two frames or more that
 * nothing contradicted; or it was believed before, until late frames continued the position before
 * it. */
static int stands_at_the_end(const struct arrival *arrival, uint32_t handle)
{
    const struct stance *stance = stance_of(arrival->sequencer, handle);
    const struct position *position = position_at(arrival->sequencer, handle);

    if (stance->is_earlier || stance->of_copies)
        return 0;
    if (stance->row >= CONFIRM - 1 && stance->row == position->distinct)
        return stance->row >= CONFIRM || came_last(arrival, handle);
    return believe_was_right(arrival, handle);
}

static uint32_t find_standing_at_the_end(const struct arrival *arrival)
{
    FOR_OTHERS (arrival->sequencer, channel_of(arrival), handle, following)
        if (stands_at_the_end(arrival, handle))
            return handle;
    return POOL_NONE;
}

/* Called after the last frame: whether what looked like a restart or a rekey was only a mirror's
 * copies. A rekey was if it has no number of its own; a restart, if its numbers stop exactly where
 * the position before did, and none is its own or many of them came among new numbers there. */
static int ends_as_copies(const struct arrival *arrival)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *main = believed(arrival);
    const struct stance *stance = stance_of(sequencer, arrival->flow->position);

    if (stance->to_settle && channel_has_only_copies(sequencer, arrival->flow->position) &&
        (stance->change == CHANGE_REKEY ||
         (stance->own < CONFIRM && main->highest == stance->copies_end)))
        return 1;
    return stance->change == CHANGE_RESTART && stance->among >= AMONG_MIN &&
           stance->before != POOL_NONE &&
           position_at(sequencer, stance->before)->highest == main->highest;
}

/* Undoes the changes to copies, with which the flow ends. */
static void return_from_copies(const struct arrival *arrival)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t before = stance_of(sequencer, arrival->flow->position)->before;

    while (stance_of(sequencer, before)->to_settle && channel_may_be_mirror(sequencer, before))
        before = stance_of(sequencer, before)->before;
    channel_break_row(arrival, before);
    believe_undo(arrival, before);
}

/* Decides everything that is pending in the flow. */
static void decide(const struct arrival *arrival)
{
    struct sequencer *sequencer = arrival->sequencer;
    uint32_t handle;

    if (!sequencer->moves || !move_has_left(sequencer->moves, arrival->flow))
        while ((handle = find_standing_at_the_end(arrival)) != POOL_NONE)
            believe(arrival, handle);
    if (ends_as_copies(arrival))
        return_from_copies(arrival);
    FOR_OTHERS (sequencer, channel_of(arrival), other, following)
        if (stance_of(sequencer, other)->is_earlier)
            channel_break_row(arrival, other);
        else
            channel_forget(arrival, other);
    believe_settle(arrival, arrival->flow->position);
    distance_finish(arrival);
    FOR_OTHERS (sequencer, channel_of(arrival), other, following)
        missing_expire(sequencer, arrival->flow, position_at(sequencer, other), UINT64_MAX);
}

void sequence_decide(struct sequencer *sequencer, struct flow *flow)
{
    struct arrival arrival = {
        .sequencer = sequencer, .flow = flow, .now_ns = flow->timing.last_ns, .is_end = 1};

    if (flow->channel != POOL_NONE && believed(&arrival)->stance == POOL_NONE)
        strays_close(&arrival);
    else if (flow->channel != POOL_NONE)
        decide(&arrival);
}

void sequence_flush(struct sequencer *sequencer, struct flow *flow)
{
    if (flow->position == POOL_NONE)
        return;
    sequence_decide(sequencer, flow);
    missing_expire(sequencer, flow, position_at(sequencer, flow->position), UINT64_MAX);
}

void sequence_end(struct sequencer *sequencer, struct flow *flow)
{
    struct arrival arrival = {.sequencer = sequencer, .flow = flow};

    flow->has_first = 0;
    if (flow->position == POOL_NONE)
        return;
    if (sequencer->moves)
        moves_leave(sequencer, flow);
    sequence_flush(sequencer, flow);
    if (flow->channel != POOL_NONE) {
        FOR_OTHERS (sequencer, channel_of(&arrival), handle, following)
            position_free(sequencer, handle);
        sequence_forget_ended(sequencer, flow);
        distance_free(sequencer, &channel_of(&arrival)->former_distances);
        pool_return(&sequencer->channels, flow->channel);
    }
    position_free(sequencer, flow->position);
    if (flow->rates != POOL_NONE)
        pool_return(&sequencer->rates, flow->rates);
    flow->rates = POOL_NONE;
    flow->position = POOL_NONE;
    flow->channel = POOL_NONE;
}

static void shift_position(const struct sequencer *sequencer, uint32_t handle, int64_t step_ns)
{
    struct position *position = position_at(sequencer, handle);

    position->highest_ns = shift_time(position->highest_ns, step_ns);
    position->last_ns = shift_time(position->last_ns, step_ns);
    position->second_ns = shift_time(position->second_ns, step_ns);
    for (uint32_t i = position->runs; i != POOL_NONE; i = run_at(sequencer, i)->next) {
        struct missing_run *run = run_at(sequencer, i);

        run->before_ns = shift_time(run->before_ns, step_ns);
        run->after_ns = shift_time(run->after_ns, step_ns);
    }
    if (position->stance != POOL_NONE) {
        struct stance *stance = stance_at(sequencer, position->stance);

        stance->first_ns = shift_time(stance->first_ns, step_ns);
        stance->quiet_ns = shift_time(stance->quiet_ns, step_ns);
        stance->lowest_ns = shift_time(stance->lowest_ns, step_ns);
        stance->believed_ns = shift_time(stance->believed_ns, step_ns);
        for (unsigned i = 0; i < CONFIRM - 1; i++)
            stance->waiting_ns[i] = shift_time(stance->waiting_ns[i], step_ns);
    }
}

void sequence_shift_time(struct sequencer *sequencer, struct flow *flow, int64_t step_ns)
{
    if (flow->position == POOL_NONE)
        return;
    shift_position(sequencer, flow->position, step_ns);
    if (flow->channel != POOL_NONE) {
        struct channel *channel = channel_at(sequencer, flow->channel);

        if (flow->mixed_senders)
            channel->mixed_ns = shift_time(channel->mixed_ns, step_ns);
        strays_shift_time(sequencer, flow, step_ns);
        FOR_OTHERS (sequencer, channel, handle, following)
            shift_position(sequencer, handle, step_ns);
    }
}
