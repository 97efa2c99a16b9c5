/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A jump: the believed position goes on ahead in the same SA. */
#include "track/sequence/jump.h"

#include "track/sequence/channel.h"
#include "track/sequence/refused.h"

/* A step ahead is a sender jump where it exceeds these limits: no sender is faster, and no outage
 * is so long compared with the rate before it. */
#define NUMBERS_PER_SECOND_MAX UINT64_C(2000000000)
#define LOSS_AT_LEAST          100000 /* up to this many numbers are loss, whatever the time */
#define SENDER_JUMP_MIN        1000000
#define SENDER_JUMP_RATE       1000

/* The time from the believed position's last number to the one that founded the hypothesis with
 * STANCE; 0: unknown, because the clock was set meanwhile, or counts in large steps. */
static uint64_t elapsed_before(const struct sequencer *sequencer, const struct stance *stance)
{
    uint64_t set_ns = sequencer->clock_set_ns;

    if (stance->first_ns <= stance->quiet_ns ||
        (set_ns && set_ns >= stance->quiet_ns && set_ns <= stance->first_ns))
        return 0;
    return stance->first_ns - stance->quiet_ns;
}

/* Whether NUMBERS in ELAPSED_NS are more than a sender can send, compared with FROM's fastest
 * second. */
static int is_sender_jump(const struct position *from, uint64_t numbers, uint64_t elapsed_ns)
{
    double rate;

    if (numbers <= LOSS_AT_LEAST || !elapsed_ns)
        return 0;
    rate = (double)numbers * (double)NS_PER_SECOND / (double)elapsed_ns;
    if (rate > (double)NUMBERS_PER_SECOND_MAX)
        return 1;
    return numbers + 1 >= SENDER_JUMP_MIN && from->highest_rate &&
           rate > (double)SENDER_JUMP_RATE * from->highest_rate;
}

/* Whether nobody can know if NUMBERS were lost in ELAPSED_NS: another sender may have them, or they
 * would be a sender jump if the time was known. */
static int is_unsure(const struct flow *flow, uint64_t numbers, uint64_t elapsed_ns)
{
    return flow->mixed_senders || (numbers > LOSS_AT_LEAST && !elapsed_ns);
}

/* Copies to TO what FROM knows of the numbers FIRST to LAST. */
static void inherit(const struct arrival *arrival, const struct position *from, struct position *to,
                    uint64_t first, uint64_t last)
{
    struct sequencer *sequencer = arrival->sequencer;

    for (uint64_t number = first; number <= last; number++)
        if (position_saw(sequencer, from, number))
            position_mark(sequencer, to, number, 1);
    for (uint32_t i = from->runs; i != POOL_NONE; i = run_at(sequencer, i)->next) {
        struct missing_run run = *run_at(sequencer, i);

        run.first = run.first > first ? run.first : first;
        run.last = least(run.last, last);
        if (run.first <= run.last)
            missing_put_back(sequencer, to, &run);
    }
}

/* Counts numbers that the believed position accepted in the stretch of hypothesis HANDLE there as
 * well. */
static void overlap(const struct arrival *arrival, uint32_t handle)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct position *position = position_at(sequencer, handle);
    const struct position *main = believed(arrival);
    uint64_t number = position->lowest;

    if (number + MEMORY_NUMBERS <= main->highest) {
        number = main->highest - MEMORY_NUMBERS + 1;
        missing_join_from(arrival, main, position, number - 1);
    }
    for (; number <= least(main->highest, position->highest); number++) {
        if (!position_saw(sequencer, main, number) || believe_refused(sequencer, handle, number))
            continue;
        if (!missing_has(sequencer, main, number)) /* else it was late there */
            missing_join(arrival, position, number, number);
        if (position_remembers(position, number))
            position_mark(sequencer, position, number, 1);
    }
}

/* Handles the numbers between the believed position and HANDLE, of which none came. Returns 1 when
 * they are lost, 0 when the sender skipped them. */
static int leave_between(const struct arrival *arrival, uint32_t handle)
{
    struct position *position = position_at(arrival->sequencer, handle);
    struct stance *stance = stance_of(arrival->sequencer, handle);
    const struct position *main = believed(arrival);
    struct missing_run run = {.first = main->highest + 1,
                              .last = position->lowest - 1,
                              .before_ns = main->highest_ns,
                              .after_ns = stance->lowest_ns};
    uint64_t numbers = run.last - run.first + 1;
    uint64_t elapsed_ns = elapsed_before(arrival->sequencer, stance);

    if (is_sender_jump(main, numbers, elapsed_ns)) {
        position->figures.skipped += numbers;
        stance->is_sender_jump = 1;
        return 0;
    }
    run.was_dropping = (uint32_t)is_unsure(arrival->flow, numbers, elapsed_ns);
    missing_prepend(arrival, position, &run);
    return 1;
}

void believe_jump(const struct arrival *arrival, uint32_t handle)
{
    struct position *position = position_at(arrival->sequencer, handle);
    const struct position *main = believed(arrival);
    uint64_t start = least(main->highest + 1, position->highest - arrival->sequencer->window + 1);

    position->figures.wraparounds = position_wraps(main, main->highest, position->highest);
    overlap(arrival, handle);
    if (start >= position->lowest ||
        (position->lowest > main->highest + 1 && !leave_between(arrival, handle)))
        start = position->lowest;
    else if (start <= main->highest)
        inherit(arrival, main, position, start, least(main->highest, position->lowest - 1));
    position->start = start > main->start ? start : main->start;
    stance_of(arrival->sequencer, handle)->known_from = least(start, main->highest + 1);
}
