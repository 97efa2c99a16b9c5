/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence.h"

#include <string.h>

#define BITS_PER_WORD     64
#define NUMBERS_START     (UINT64_C(1) << 32)
#define RUNS_BESIDES      65536 /* pending runs allowed beyond one a flow */
#define FRAMES_CONFIRMING 3

/* One frame on its way through: what every step below works on. */
struct arrival {
    struct sequencer *sequencer;
    struct flow *flow;
    struct sequence_space *space;
    unsigned association;
    uint32_t number;
    uint64_t now_ns;
};

int sequencer_init(struct sequencer *sequencer, uint32_t window, uint32_t max_flows,
                   struct gap_log *gaps)
{
    uint32_t bits = BITS_PER_WORD;
    size_t space_bytes;

    while (bits < window)
        bits *= 2;
    space_bytes = sizeof(struct sequence_space) + bits / 8;
    *sequencer = (struct sequencer){.window = window, .window_mask = bits - 1, .gaps = gaps};
    if (pool_init(&sequencer->spaces, space_bytes, max_flows * ASSOCIATIONS_MAX) < 0 ||
        pool_init(&sequencer->runs, sizeof(struct missing_run), max_flows + RUNS_BESIDES) < 0) {
        sequencer_release(sequencer);
        return -1;
    }
    return 0;
}

void sequencer_release(struct sequencer *sequencer)
{
    pool_release(&sequencer->spaces);
    pool_release(&sequencer->runs);
}

static struct missing_run *run_at(const struct sequencer *sequencer, uint32_t handle)
{
    return pool_at(&sequencer->runs, handle);
}

static struct sequence_space *space_at(const struct sequencer *sequencer, uint32_t handle)
{
    return pool_at(&sequencer->spaces, handle);
}

/* --- which numbers of the window were seen --- */

static uint64_t seen_bit(uint64_t number)
{
    return UINT64_C(1) << (number % BITS_PER_WORD);
}

static uint64_t *seen_word(const struct sequencer *sequencer, struct sequence_space *space,
                           uint64_t number)
{
    return &space->seen[(number & sequencer->window_mask) / BITS_PER_WORD];
}

/* COUNT numbers from FIRST on enter the window unseen; their bits still belong to older ones. */
static void seen_clear(const struct sequencer *sequencer, struct sequence_space *space,
                       uint64_t first, uint64_t count)
{
    if (count > sequencer->window_mask) {
        memset(space->seen, 0, (sequencer->window_mask + 1) / 8);
        return;
    }
    while (count) {
        unsigned bit = (unsigned)(first % BITS_PER_WORD);
        uint64_t bits = BITS_PER_WORD - bit;
        uint64_t mask = ~UINT64_C(0) << bit;

        if (count < bits) {
            bits = count;
            mask &= ~(~UINT64_C(0) << (bit + count));
        }
        *seen_word(sequencer, space, first) &= ~mask;
        first += bits;
        count -= bits;
    }
}

/* --- missing runs and the gaps that they become --- */

/* RUN is lost: counts it in the flow and logs it. */
static void count_gap(struct sequencer *sequencer, struct flow *flow, struct sequence_space *space,
                      const struct missing_run *run)
{
    struct sequence_figures *figures = &flow->figures;
    uint64_t duration = run->after_ns > run->before_ns ? run->after_ns - run->before_ns : 0;
    struct gap gap = {
        .key = flow->key,
        .timestamp_ns = run->after_ns,
        .duration_ns = duration,
        .expected_sequence = (uint32_t)run->first,
        .received_sequence = (uint32_t)(run->last + 1),
        .size = (uint32_t)(run->last - run->first + 1),
        .cause = CAUSE_NETWORK,
    };

    figures->gaps++;
    figures->lost += gap.size;
    if (!figures->min_gap || gap.size < figures->min_gap)
        figures->min_gap = gap.size;
    if (gap.size > figures->max_gap)
        figures->max_gap = gap.size;
    space->lost_from = gap.expected_sequence;
    space->lost_size = gap.size;
    gap_log_add(sequencer->gaps, &gap);
}

/* Appends RUN to the pending ones; where there is no room for it, it is lost without waiting. */
static void append_run(struct sequencer *sequencer, struct flow *flow, struct sequence_space *space,
                       const struct missing_run *run)
{
    uint32_t handle = pool_take(&sequencer->runs);

    if (handle == POOL_NONE) {
        count_gap(sequencer, flow, space, run);
        return;
    }
    *run_at(sequencer, handle) = *run;
    if (space->runs == POOL_NONE)
        space->runs = handle;
    else
        run_at(sequencer, space->last_run)->next = handle;
    space->last_run = handle;
}

/* The runs whose last number is at most LAST are lost. */
static void expire_runs(struct sequencer *sequencer, struct flow *flow,
                        struct sequence_space *space, uint64_t last)
{
    while (space->runs != POOL_NONE) {
        uint32_t handle = space->runs;
        struct missing_run *run = run_at(sequencer, handle);

        if (run->last > last)
            return;
        count_gap(sequencer, flow, space, run);
        space->runs = run->next;
        pool_return(&sequencer->runs, handle);
    }
}

/* NUMBER, inside of run HANDLE, arrived: what is behind it becomes a run of its own. */
static void split_run(const struct arrival *arrival, uint32_t handle, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct sequence_space *space = arrival->space;
    struct missing_run *run = run_at(sequencer, handle);
    struct missing_run behind = *run;
    uint32_t added = pool_take(&sequencer->runs);

    behind.first = number + 1;
    behind.before_ns = arrival->now_ns;
    run->last = number - 1;
    run->after_ns = arrival->now_ns;
    if (added == POOL_NONE) {
        count_gap(sequencer, arrival->flow, space, run);
        *run = behind;
        return;
    }
    *run_at(sequencer, added) = behind;
    run->next = added;
    if (space->last_run == handle)
        space->last_run = added;
}

/* Run HANDLE, behind run PREVIOUS (or the first), has no number left. */
static void remove_run(const struct arrival *arrival, uint32_t previous, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct sequence_space *space = arrival->space;
    uint32_t next = run_at(sequencer, handle)->next;

    if (previous == POOL_NONE)
        space->runs = next;
    else
        run_at(sequencer, previous)->next = next;
    if (space->last_run == handle)
        space->last_run = previous;
    pool_return(&sequencer->runs, handle);
}

/* NUMBER arrived after all. Before the baseline nothing was missing, and no run holds it. */
static void fill(const struct arrival *arrival, uint64_t number)
{
    struct sequencer *sequencer = arrival->sequencer;
    uint32_t previous = POOL_NONE;
    uint32_t handle = arrival->space->runs;
    struct missing_run *run;

    while (handle != POOL_NONE && run_at(sequencer, handle)->last < number) {
        previous = handle;
        handle = run_at(sequencer, handle)->next;
    }
    if (handle == POOL_NONE || number < run_at(sequencer, handle)->first)
        return;
    run = run_at(sequencer, handle);
    if (run->first == run->last) {
        remove_run(arrival, previous, handle);
    } else if (number == run->first) {
        run->first++;
        run->before_ns = arrival->now_ns;
    } else if (number == run->last) {
        run->last--;
        run->after_ns = arrival->now_ns;
    } else {
        split_run(arrival, handle, number);
    }
}

/* --- inside of the window --- */

static void expire(const struct arrival *arrival)
{
    expire_runs(arrival->sequencer, arrival->flow, arrival->space,
                arrival->space->highest - arrival->sequencer->window);
}

/* A number DISTANCE (at least 1) beyond the highest arrived at NOW_NS. */
static void advance(const struct arrival *arrival, uint32_t distance, uint64_t now_ns)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct sequence_space *space = arrival->space;
    uint64_t number = space->highest + distance;

    if (distance > 1) {
        struct missing_run run = {
            .first = space->highest + 1,
            .last = number - 1,
            .before_ns = space->highest_ns,
            .after_ns = now_ns,
        };

        seen_clear(sequencer, space, run.first, distance - 1);
        append_run(sequencer, arrival->flow, space, &run);
    }
    *seen_word(sequencer, space, number) |= seen_bit(number);
    arrival->flow->wraparounds += (uint32_t)((number >> 32) - (space->highest >> 32));
    space->highest = number;
    space->highest_ns = now_ns;
    expire(arrival);
}

/* A number DISTANCE below the highest, still in the window, arrived. */
static void arrive_below(const struct arrival *arrival, uint32_t distance)
{
    struct flow *flow = arrival->flow;
    uint64_t number = arrival->space->highest - distance;
    uint64_t *word = seen_word(arrival->sequencer, arrival->space, number);

    if (*word & seen_bit(number)) {
        flow->figures.duplicates++;
        return;
    }
    *word |= seen_bit(number);
    flow->figures.reordered++;
    if (distance > flow->max_reorder_distance)
        flow->max_reorder_distance = distance;
    fill(arrival, number);
    expire(arrival);
}

/* --- where a space starts --- */

/* NUMBER, which arrived at NOW_NS, is the baseline: nothing before it is missing. */
static void begin(const struct sequencer *sequencer, struct sequence_space *space, uint32_t number,
                  uint64_t now_ns)
{
    uint64_t highest = NUMBERS_START + number;

    *space = (struct sequence_space){.highest = highest, .highest_ns = now_ns};
    memset(space->seen, 0, (sequencer->window_mask + 1) / 8);
    *seen_word(sequencer, space, highest) |= seen_bit(highest);
}

/*
 * A new SA of a live flow starts with NUMBER at NOW_NS. Its numbers start at 1, so those before are
 * missing; but one that is further on than a believable jump was there before the sensor.
 */
static void begin_rekeyed(const struct arrival *arrival, uint32_t number, uint64_t now_ns)
{
    struct flow *flow = arrival->flow;
    uint32_t current = flow->space[flow->current];
    uint64_t before_ns = space_at(arrival->sequencer, current)->highest_ns;

    if (number > JUMP_MAX) {
        begin(arrival->sequencer, arrival->space, number, now_ns);
    } else {
        begin(arrival->sequencer, arrival->space, 0, before_ns);
        if (number)
            advance(arrival, number, now_ns);
        arrival->space->highest_ns = now_ns;
    }
    flow->rekeys++;
    flow->current = (uint8_t)arrival->association;
}

/* The first frame of an association. Returns 0, or -1 when there is no memory for its space. */
static int open_space(struct arrival *arrival)
{
    struct flow *flow = arrival->flow;
    uint32_t handle = pool_take(&arrival->sequencer->spaces);

    if (handle == POOL_NONE)
        return -1;
    arrival->space = space_at(arrival->sequencer, handle);
    if (!flow_has_sequence(flow)) {
        begin(arrival->sequencer, arrival->space, arrival->number, arrival->now_ns);
        flow->first_sequence = arrival->number;
        flow->current = (uint8_t)arrival->association;
    } else {
        begin_rekeyed(arrival, arrival->number, arrival->now_ns);
    }
    flow->space[arrival->association] = handle;
    return 0;
}

/* --- outside of the window: probation --- */

/* The frames on probation were not confirmed. */
static void end_probation(struct flow *flow, struct sequence_space *space)
{
    struct probation *probation = &space->probation;

    if (probation->ahead)
        flow->figures.outliers += probation->count;
    else
        flow->figures.late += probation->count;
    probation->count = 0;
}

/* Three frames in a row: the jump is real. Ahead, what was jumped over is missing; back, it is a
 * new sender, and a new SA when its association was not the one in use. */
static void confirm(const struct arrival *arrival)
{
    struct sequence_space *space = arrival->space;
    struct flow *flow = arrival->flow;
    struct probation held = space->probation;
    uint32_t third_distance = arrival->number - held.first - held.second_distance;

    space->probation.count = 0;
    if (held.ahead) {
        advance(arrival, held.first - (uint32_t)space->highest, held.first_ns);
    } else {
        expire_runs(arrival->sequencer, flow, space, space->highest);
        if (arrival->association == flow->current) {
            begin(arrival->sequencer, space, held.first, held.first_ns);
            flow->restarts++;
        } else {
            begin_rekeyed(arrival, held.first, held.first_ns);
        }
    }
    advance(arrival, held.second_distance, held.second_ns);
    advance(arrival, third_distance, arrival->now_ns);
}

/* Whether the frame goes on from those on probation, and then does what follows from it. */
static int continues_probation(const struct arrival *arrival)
{
    struct probation *probation = &arrival->space->probation;
    uint32_t last = probation->first + probation->second_distance;
    uint32_t step = arrival->number - last;

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

/* Whether NUMBER, behind the window, was already counted as lost: it is then late, not a restart. A
 * block of frames held back for long would otherwise invent a restart, and with it a loss. */
static int is_known_lost(const struct arrival *arrival, uint64_t number)
{
    const struct sequence_space *space = arrival->space;

    if ((uint32_t)number - space->lost_from < space->lost_size)
        return 1;
    return space->runs != POOL_NONE && number >= run_at(arrival->sequencer, space->runs)->first;
}

/* A number DISTANCE from the highest, ahead of what is believed at once or behind the window. */
static void receive_outside(const struct arrival *arrival, int32_t distance)
{
    struct sequence_space *space = arrival->space;

    if (continues_probation(arrival))
        return;
    end_probation(arrival->flow, space);
    if (distance < 0 && is_known_lost(arrival, space->highest - (uint32_t) - (int64_t)distance)) {
        arrival->flow->figures.late++;
        return;
    }
    space->probation = (struct probation){
        .first = arrival->number,
        .first_ns = arrival->now_ns,
        .count = 1,
        .ahead = distance > 0,
    };
}

int sequence_receive(struct sequencer *sequencer, struct flow *flow, unsigned association,
                     uint32_t number, uint64_t now_ns)
{
    struct arrival arrival = {sequencer, flow, NULL, association, number, now_ns};
    int32_t distance;

    if (flow->space[association] == POOL_NONE)
        return open_space(&arrival);
    arrival.space = space_at(sequencer, flow->space[association]);
    distance = (int32_t)(number - (uint32_t)arrival.space->highest);
    if (distance > JUMP_MAX || distance <= -(int32_t)sequencer->window) {
        receive_outside(&arrival, distance);
        return 0;
    }
    end_probation(flow, arrival.space);
    if (distance > 0)
        advance(&arrival, (uint32_t)distance, now_ns);
    else
        arrive_below(&arrival, (uint32_t)-distance);
    return 0;
}

void sequence_flush(struct sequencer *sequencer, struct flow *flow)
{
    for (unsigned i = 0; i < ASSOCIATIONS_MAX; i++) {
        struct sequence_space *space;

        if (flow->space[i] == POOL_NONE)
            continue;
        space = space_at(sequencer, flow->space[i]);
        end_probation(flow, space);
        expire_runs(sequencer, flow, space, space->highest);
    }
}

void sequence_end(struct sequencer *sequencer, struct flow *flow)
{
    sequence_flush(sequencer, flow);
    for (unsigned i = 0; i < ASSOCIATIONS_MAX; i++) {
        if (flow->space[i] != POOL_NONE)
            pool_return(&sequencer->spaces, flow->space[i]);
        flow->space[i] = POOL_NONE;
    }
}

uint32_t sequence_last(const struct sequencer *sequencer, const struct flow *flow)
{
    return (uint32_t)space_at(sequencer, flow->space[flow->current])->highest;
}
