/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which position a frame goes to: the one that it fits. */
#include "track/sequence.h"

#include "base/units.h"
#include "track/channel.h"

#define RUNS_BESIDES      65536  /* missing runs allowed beyond one a flow */
#define ENDED_SAS_MAX     65536  /* that nobody was told of yet */
#define POSITIONS_BESIDES 131072 /* hypotheses, beyond what is or was believed */

int sequencer_init(struct sequencer *sequencer, uint32_t window, uint32_t max_flows,
                   struct gap_log *gaps)
{
    uint32_t believed = max_flows * (1 + EARLIER_MAX);

    *sequencer = (struct sequencer){.window = window, .gaps = gaps};
    if (pool_init(&sequencer->positions, sizeof(struct position), believed + POSITIONS_BESIDES) ==
            0 &&
        pool_init(&sequencer->memories, sizeof(struct memory), believed + POSITIONS_BESIDES) == 0 &&
        pool_init(&sequencer->runs, sizeof(struct missing_run), max_flows + RUNS_BESIDES) == 0 &&
        pool_init(&sequencer->channels, sizeof(struct channel), max_flows) == 0 &&
        pool_init(&sequencer->stances, sizeof(struct stance), believed + POSITIONS_BESIDES) == 0 &&
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
    pool_release(&sequencer->ended_sas);
}

static struct position *believed(const struct arrival *arrival)
{
    return position_at(arrival->sequencer, arrival->flow->position);
}

/* NUMBER fits the believed position, which has no others beside it. */
static int take_alone(const struct arrival *arrival, struct position *main, uint64_t number)
{
    int taken = position_take(arrival, main, number);

    if (taken > 0 && main->distinct == CONFIRM)
        believe_first(arrival);
    if (main->runs != POOL_NONE)
        believe_expire(arrival);
    return taken;
}

/* --- the believed position, with others beside it --- */

/* NUMBER comes to the believed position: what does that say of a hypothesis further ahead? */
static void compare(const struct arrival *arrival, uint32_t handle, uint64_t number, int is_new)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    int is_known = position_remembers(position, number) && number >= position->lowest;

    if (is_known && position_saw(sequencer, position, number)) {
        position_mark(sequencer, position, number, 0);
        position_unaccept(sequencer, position, number, arrival->now_ns);
        position->figures.duplicates++;
        if (position->distinct < FEW || !position->figures.received)
            channel_forget(arrival, handle);
    } else if (is_new && number + sequencer->window <= position->highest &&
               position->highest > believed(arrival)->highest) {
        believe_refuse(arrival, handle, number);
    }
}

/* Whether two senders use one SA: both go on, and it is no faster path either. */
static int is_side_by_side(const struct arrival *arrival, uint32_t handle)
{
    const struct stance *stance = stance_of(arrival->sequencer, handle);
    const struct position *position = position_at(arrival->sequencer, handle);

    return !stance->of_copies && !stance->is_near && stance->main_since >= SIDE_BY_SIDE &&
           position->distinct >= SIDE_BY_SIDE &&
           position->association == believed(arrival)->association;
}

/* The believed position took a new number: the others did not, this time. */
static void pass_over_others(const struct arrival *arrival)
{
    struct sequencer *sequencer = arrival->sequencer;

    FOR_OTHERS(sequencer, channel_of(arrival), handle, following)
    {
        struct stance *stance = stance_of(sequencer, handle);

        if (stance->is_earlier) {
            channel_break_row(arrival, handle);
            continue;
        }
        stance->row = 0;
        stance->main_since++;
        if (is_side_by_side(arrival, handle))
            channel_mix(arrival);
        if (++stance->idle > STALE && stance->idle > position_at(sequencer, handle)->distinct)
            channel_forget(arrival, handle);
    }
}

/* The hypothesis ahead that the believed position has reached, or POOL_NONE. */
static uint32_t find_reached(const struct arrival *arrival)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *main = believed(arrival);

    FOR_OTHERS(sequencer, channel_of(arrival), handle, following)
    if (channel_runs_ahead(arrival, handle) &&
        position_at(sequencer, handle)->lowest + sequencer->window <= main->highest)
        return handle;
    return POOL_NONE;
}

static void count_to_settle(const struct arrival *arrival)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct stance *stance = stance_of(sequencer, arrival->flow->position);

    if (stance->to_settle == 1)
        believe_settle(arrival, arrival->flow->position);
    else if (stance->to_settle)
        stance->to_settle--;
    if (stance->to_close && --stance->to_close == 0 && stance->before != POOL_NONE)
        position_give_up(sequencer, arrival->flow, position_at(sequencer, stance->before));
}

static int go_on(const struct arrival *arrival, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    const struct channel *channel = channel_of(arrival);
    struct position *main = believed(arrival);
    int is_new = number > main->highest || (!position_gave_up(sequencer, main, number) &&
                                            !position_saw(sequencer, main, number));
    uint32_t reached;
    int taken;

    if (channel->hypotheses)
        FOR_OTHERS(sequencer, channel, handle, following)
    if (channel_runs_ahead(arrival, handle))
        compare(arrival, handle, number, is_new);
    taken = take_alone(arrival, main, number);
    if (taken <= 0)
        return taken;
    if (channel->hypotheses || channel->has_row)
        pass_over_others(arrival);
    channel_of(arrival)->has_row = 0;
    while (channel->hypotheses && (reached = find_reached(arrival)) != POOL_NONE)
        believe_reached(arrival, reached);
    count_to_settle(arrival);
    believe_expire(arrival);
    return taken;
}

/* --- an earlier position, or a hypothesis --- */

/* Three in a row go on from the earlier position HANDLE: what was believed since was wrong. */
static void return_to(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct stance waiting = *stance_of(arrival->sequencer, handle);
    struct position *position = position_at(arrival->sequencer, handle);

    believe_undo(arrival, handle);
    if (waiting.left_by != CHANGE_JUMP)
        return; /* it took the three when they came */
    for (uint32_t i = 0; i < CONFIRM; i++) {
        int is_last = i == CONFIRM - 1;
        uint64_t each = is_last ? number : waiting.waiting[i];
        struct arrival at = *arrival;

        at.now_ns = is_last ? arrival->now_ns : waiting.waiting_ns[i];
        if (position_fits(position, each, arrival->sequencer->window))
            go_on(&at, each);
        else
            position->figures.late++;
    }
}

static int is_waiting(const struct stance *stance, uint64_t number)
{
    for (uint32_t i = 0; i < stance->row; i++)
        if (stance->waiting[i] == number)
            return 1;
    return 0;
}

/* NUMBER fits the earlier position HANDLE, which a jump left: the SA's receiver, which moved on,
 * refuses it. That it goes on there is believed when three in a row do. */
static void wait_at(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct position *position = position_at(arrival->sequencer, handle);
    struct stance *stance = stance_of(arrival->sequencer, handle);

    if ((number <= position->highest && position_saw(arrival->sequencer, position, number)) ||
        is_waiting(stance, number)) {
        position->figures.duplicates++;
    } else if (position_gave_up(arrival->sequencer, position, number)) {
        position_take(arrival, position, number); /* it is late */
    } else if (stance->row == CONFIRM - 1) {
        return_to(arrival, handle, number);
    } else {
        stance->waiting[stance->row] = number;
        stance->waiting_ns[stance->row] = arrival->now_ns;
        stance->row++;
        channel_of(arrival)->has_row = 1;
    }
}

/* NUMBER fits the earlier position HANDLE: the receiver of an SA that a rekey or a restart ended
 * still takes what was delayed. */
static int feed_earlier(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    struct stance *stance = stance_of(sequencer, handle);
    int taken;

    if (stance->left_by == CHANGE_JUMP) {
        wait_at(arrival, handle, number);
        return 0;
    }
    taken = position_take(arrival, position, number);
    if (taken <= 0)
        return taken;
    if (!stance->to_settle)
        missing_expire(sequencer, arrival->flow, position, position->highest - sequencer->window);
    channel_of(arrival)->has_row = 1;
    if (++stance->row >= CONFIRM)
        return_to(arrival, handle, number);
    return taken;
}

/* Copies by a mirror come among new numbers, but when the stream pauses many come in a row: then
 * most of them came before. */
static int is_confirmed(const struct stance *stance, const struct position *position)
{
    if (stance->of_copies)
        return stance->row >= CONFIRM_COPIES && 2 * stance->row >= position->distinct;
    return stance->row >= CONFIRM;
}

static int feed(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    struct stance *stance = stance_of(sequencer, handle);
    int taken;

    stance->idle = 0;
    if (stance->is_earlier)
        return feed_earlier(arrival, handle, number);
    channel_touch(arrival, handle);
    channel_class(arrival, handle, number);
    taken = position_take(arrival, position, number);
    if (taken <= 0)
        return taken;
    stance->row++;
    if (is_confirmed(stance, position))
        believe(arrival, handle);
    return taken;
}

/* --- a frame that does not fit the believed position --- */

/* Whether NUMBER of ASSOCIATION fits position HANDLE, which extends it. */
static int fits(const struct arrival *arrival, uint32_t handle, unsigned association,
                uint32_t number, uint64_t *extended)
{
    const struct position *position = position_at(arrival->sequencer, handle);

    *extended = position_extend(position, number);
    return position->association == association &&
           position_fits(position, *extended, arrival->sequencer->window);
}

/* The earlier position that NUMBER of ASSOCIATION fits, the newest of them, or POOL_NONE. */
static uint32_t find_fitting_earlier(const struct arrival *arrival, unsigned association,
                                     uint32_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t found = POOL_NONE;
    uint64_t there;

    FOR_OTHERS(sequencer, channel_of(arrival), handle, following)
    if (stance_of(sequencer, handle)->is_earlier &&
        fits(arrival, handle, association, number, &there))
        found = handle;
    return found;
}

/* How well NUMBER, which fits position HANDLE, does so: 0 where it is new, more where it is not,
 * and least where only copies came. */
static int rank(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *position = position_at(sequencer, handle);
    const struct stance *stance = stance_of(sequencer, handle);
    int is_known = number <= position->highest && position_saw(sequencer, position, number);

    return is_known * 2 + (!stance->is_earlier && stance->of_copies);
}

/* The other position that NUMBER of ASSOCIATION fits best, or POOL_NONE. Of earlier positions only
 * the newest counts: the others are of SAs that ended before. */
static uint32_t find_fitting(const struct arrival *arrival, unsigned association, uint32_t number,
                             uint64_t *extended)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t earlier = find_fitting_earlier(arrival, association, number);
    uint32_t found = POOL_NONE;
    int best = 0;

    FOR_OTHERS(sequencer, channel_of(arrival), handle, following)
    {
        uint64_t there;

        if ((stance_of(sequencer, handle)->is_earlier && handle != earlier) ||
            !fits(arrival, handle, association, number, &there))
            continue;
        if (found == POOL_NONE || rank(arrival, handle, there) < best) {
            found = handle;
            best = rank(arrival, handle, there);
            *extended = there;
        }
    }
    return found;
}

/* The hypothesis that remembers NUMBER of ASSOCIATION, or POOL_NONE. */
static uint32_t find_remembering(const struct arrival *arrival, unsigned association,
                                 uint32_t number, uint64_t *extended)
{
    const struct sequencer *sequencer = arrival->sequencer;

    FOR_OTHERS(sequencer, channel_of(arrival), handle, following)
    {
        const struct position *position = position_at(sequencer, handle);

        *extended = position_extend(position, number);
        if (!stance_of(sequencer, handle)->is_earlier && position->association == association &&
            position_remembers(position, *extended) && *extended >= position->start)
            return handle;
    }
    return POOL_NONE;
}

/* Whether HANDLE is a hypothesis that nothing contradicted so far, and may step further. */
static int may_rise(const struct arrival *arrival, uint32_t handle)
{
    const struct stance *stance = stance_of(arrival->sequencer, handle);
    const struct position *position = position_at(arrival->sequencer, handle);
    const struct position *main = believed(arrival);

    return !stance->is_earlier && !stance->of_copies && stance->row == position->distinct &&
           (position->association != main->association || position->highest >= main->highest);
}

/* The highest hypothesis that NUMBER may go on from, in a stream most of which is lost. */
static uint32_t find_rising(const struct arrival *arrival, unsigned association, uint32_t number,
                            uint64_t *extended)
{
    const struct sequencer *sequencer = arrival->sequencer;
    uint32_t found = POOL_NONE;

    FOR_OTHERS(sequencer, channel_of(arrival), handle, following)
    {
        const struct position *position = position_at(sequencer, handle);
        uint64_t there = position_extend(position, number);

        if (position->association != association || !may_rise(arrival, handle) ||
            there <= position->highest || there - position->highest > JUMP_MAX)
            continue;
        if (found == POOL_NONE || position->highest > position_at(sequencer, found)->highest) {
            found = handle;
            *extended = there;
        }
    }
    return found;
}

/* Whether NUMBER is from before the start of what was believed there, but near. */
static int is_before_start(const struct sequencer *sequencer, const struct position *position,
                           unsigned association, uint32_t number)
{
    uint64_t there = position_extend(position, number);

    return position->association == association && position_remembers(position, there) &&
           there < channel_known_from(sequencer, position);
}

static int is_before_any(const struct arrival *arrival, unsigned association, uint32_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;

    if (is_before_start(sequencer, believed(arrival), association, number))
        return 1;
    FOR_OTHERS(sequencer, channel_of(arrival), handle, following)
    if (stance_of(sequencer, handle)->is_earlier &&
        is_before_start(sequencer, position_at(sequencer, handle), association, number))
        return 1;
    return 0;
}

/* NUMBER of ASSOCIATION, of a hypothesis yet to be founded, extended to 64 bits. */
static uint64_t extend_anew(const struct arrival *arrival, unsigned association, uint32_t number)
{
    const struct sequencer *sequencer = arrival->sequencer;
    const struct position *near = believed(arrival);
    uint64_t extended;

    for (uint32_t handle = arrival->flow->position;
         handle != POOL_NONE && near->association != association;
         handle = stance_of(sequencer, handle)->before)
        near = position_at(sequencer, handle);
    if (near->association != association)
        return NUMBERS_START + number;
    extended = position_extend(near, number);
    if (number <= JUMP_MAX && extended > near->highest + JUMP_MAX &&
        extended >> 32 > near->highest >> 32)
        extended -= UINT64_C(1) << 32; /* the sender began anew */
    return extended;
}

/* NUMBER belongs to no position: it founds a hypothesis. */
static void found_at(const struct arrival *arrival, unsigned association, uint32_t number,
                     int of_copies)
{
    uint32_t handle =
        channel_found(arrival, association, extend_anew(arrival, association, number), of_copies);

    if (handle == POOL_NONE)
        arrival->flow->outliers++;
    else
        channel_class(arrival, handle, position_at(arrival->sequencer, handle)->highest);
}

/* NUMBER is remembered by position HANDLE, which it does not fit: it is late there, or came before.
 */
static void recall(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);

    if (position_saw(sequencer, position, number)) {
        position->figures.duplicates++;
        return;
    }
    position_mark(sequencer, position, number, 1);
    position->figures.late++;
}

/* NUMBER of ASSOCIATION does not fit the believed position. */
static int place(const struct arrival *arrival, unsigned association, uint32_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    uint64_t there = 0;
    uint32_t handle = find_fitting(arrival, association, number, &there);

    if (handle != POOL_NONE)
        return feed(arrival, handle, there);
    handle = channel_recall(arrival, association, number, &there);
    if (handle != POOL_NONE) {
        if (position_saw(sequencer, position_at(sequencer, handle), there))
            found_at(arrival, association, number, 1);
        else
            recall(arrival, handle, there);
        return 0;
    }
    handle = find_remembering(arrival, association, number, &there);
    if (handle != POOL_NONE) {
        channel_class(arrival, handle, there);
        recall(arrival, handle, there);
        return 0;
    }
    if (is_before_any(arrival, association, number)) {
        found_at(arrival, association, number, 1);
        return 0;
    }
    handle = find_rising(arrival, association, number, &there);
    if (handle != POOL_NONE)
        return feed(arrival, handle, there);
    found_at(arrival, association, number, 0);
    return 0;
}

/* The first frame of FLOW. */
static int open_flow(const struct arrival *arrival, unsigned association, uint32_t number)
{
    struct flow *flow = arrival->flow;

    flow->position = pool_take(&arrival->sequencer->positions);
    if (flow->position == POOL_NONE)
        return -1;
    position_begin(believed(arrival), association, NUMBERS_START + number, arrival->now_ns);
    flow->first_sequence = number;
    return 0;
}

/* A change of belief does not wait for ever for its numbers. */
static void settle_in_time(const struct arrival *arrival)
{
    uint32_t handle = arrival->flow->position;
    int is_open = 0;

    for (; handle != POOL_NONE; handle = stance_of(arrival->sequencer, handle)->before) {
        const struct stance *stance = stance_of(arrival->sequencer, handle);

        if (stance->to_settle && arrival->now_ns > stance->believed_ns &&
            arrival->now_ns - stance->believed_ns >= SETTLE_NS)
            believe_settle(arrival, handle);
        is_open |= stance->to_settle != 0;
    }
    channel_of(arrival)->is_open = (uint8_t)is_open;
}

int sequence_receive(struct sequencer *sequencer, struct flow *flow, unsigned association,
                     uint32_t number, uint64_t now_ns)
{
    struct arrival arrival = {.sequencer = sequencer, .flow = flow, .now_ns = now_ns};
    struct position *main;
    int taken;

    if (!sequencer->began_ns)
        sequencer->began_ns = now_ns;
    if (flow->position == POOL_NONE)
        return open_flow(&arrival, association, number);
    main = believed(&arrival);
    if (flow->channel != POOL_NONE && channel_of(&arrival)->is_open)
        settle_in_time(&arrival);
    if (main->association == association) {
        uint64_t extended = position_extend(main, number);

        if (position_fits(main, extended, sequencer->window)) {
            taken = flow->channel == POOL_NONE ? take_alone(&arrival, main, extended)
                                               : go_on(&arrival, extended);
            return taken < 0 ? -1 : 0;
        }
    }
    if (channel_open(&arrival) < 0) {
        flow->outliers++;
        return -1;
    }
    return place(&arrival, association, number) < 0 ? -1 : 0;
}

/* --- the end, and time --- */

/* The hypothesis that the stream ends with: two frames or more that nothing contradicted. */
static uint32_t find_uncontradicted(const struct arrival *arrival)
{
    const struct sequencer *sequencer = arrival->sequencer;

    FOR_OTHERS(sequencer, channel_of(arrival), handle, following)
    {
        const struct stance *stance = stance_of(sequencer, handle);

        if (!stance->is_earlier && !stance->of_copies && stance->row >= CONFIRM - 1 &&
            stance->row == position_at(sequencer, handle)->distinct)
            return handle;
    }
    return POOL_NONE;
}

/* What is undecided in the flow is decided now. */
static void decide(const struct arrival *arrival)
{
    struct sequencer *sequencer = arrival->sequencer;
    uint32_t handle;

    while ((handle = find_uncontradicted(arrival)) != POOL_NONE)
        believe(arrival, handle);
    FOR_OTHERS(sequencer, channel_of(arrival), other, following)
    if (stance_of(sequencer, other)->is_earlier)
        channel_break_row(arrival, other);
    else
        channel_forget(arrival, other);
    believe_settle(arrival, arrival->flow->position);
    FOR_OTHERS(sequencer, channel_of(arrival), other, following)
    missing_expire(sequencer, arrival->flow, position_at(sequencer, other), UINT64_MAX);
}

void sequence_flush(struct sequencer *sequencer, struct flow *flow)
{
    struct arrival arrival = {
        .sequencer = sequencer, .flow = flow, .now_ns = flow->timing.last_ns, .is_end = 1};

    if (flow->position == POOL_NONE)
        return;
    if (flow->channel != POOL_NONE)
        decide(&arrival);
    missing_expire(sequencer, flow, believed(&arrival), UINT64_MAX);
}

void sequence_end(struct sequencer *sequencer, struct flow *flow)
{
    struct arrival arrival = {.sequencer = sequencer, .flow = flow};

    if (flow->position == POOL_NONE)
        return;
    sequence_flush(sequencer, flow);
    if (flow->channel != POOL_NONE) {
        FOR_OTHERS(sequencer, channel_of(&arrival), handle, following)
        position_free(sequencer, handle);
        sequence_forget_ended(sequencer, flow);
        pool_return(&sequencer->channels, flow->channel);
    }
    position_free(sequencer, flow->position);
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
    if (flow->channel != POOL_NONE)
        FOR_OTHERS(sequencer, channel_at(sequencer, flow->channel), handle, following)
    shift_position(sequencer, handle, step_ns);
}
