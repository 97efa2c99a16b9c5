/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Turns missing runs into gaps, and counts numbers of gaps that come late. */
#include "track/sequence/channel.h"
#include "track/sequence/mirrors.h"

/* Links GAP to LAST, the gap before of its SA, and to one further back, so that any gap of the SA
 * is found in logarithmic time (a skew-binary list, after Myers). */
static void link_gap(const struct gap *gaps, struct gap *gap, uint32_t last)
{
    uint32_t skip = last ? gaps[last - 1].skip : 0;
    uint32_t further = skip ? gaps[skip - 1].skip : 0;
    uint32_t of_last = last ? gaps[last - 1].depth : 0;
    uint32_t of_skip = skip ? gaps[skip - 1].depth : 0;
    uint32_t of_further = further ? gaps[further - 1].depth : 0;

    gap->link = last;
    gap->depth = of_last + 1;
    gap->skip = of_last - of_skip == of_skip - of_further ? further : last;
}

/* The last gap from LINK back that does not begin behind NUMBER; 0: there is none. */
static uint32_t find_gap(const struct gap *gaps, uint32_t link, uint64_t number)
{
    while (link && gaps[link - 1].first_number > number) {
        uint32_t skip = gaps[link - 1].skip;

        link = skip && gaps[skip - 1].first_number > number ? skip : gaps[link - 1].link;
    }
    return link;
}

/* Adds GAP, the last one of POSITION's SA, to the log of all gaps and to that of the sinks. */
static void log_gap(struct sequencer *sequencer, struct position *position, const struct gap *gap)
{
    struct gap logged = *gap;

    link_gap(sequencer->gaps->gaps, &logged, position->last_gap);
    logged.is_waiting = sequencer->new_gaps != NULL;
    if (gap_log_add(sequencer->gaps, &logged) < 0)
        logged.link = 0;
    else
        logged.link = position->last_gap = (uint32_t)sequencer->gaps->count;
    if (sequencer->new_gaps)
        gap_log_add(sequencer->new_gaps, &logged);
}

/* Counts GAP in POSITION and logs it. */
static void count_gap(struct sequencer *sequencer, struct position *position, const struct gap *gap)
{
    struct sequence_figures *figures = &position->figures;

    figures->gaps++;
    figures->lost[gap->cause] += gap->size;
    if (!figures->min_gap || gap->size < figures->min_gap)
        figures->min_gap = gap->size;
    if (gap->size > figures->max_gap)
        figures->max_gap = gap->size;
    log_gap(sequencer, position, gap);
}

/* Whether an interface on which frames of FLOW arrive lost frames between FROM_NS and UNTIL_NS. */
static int touches_drops(const struct sequencer *sequencer, const struct flow *flow,
                         uint64_t from_ns, uint64_t until_ns)
{
    if (drop_periods_touch(&sequencer->drops[ORIGIN_ALL], from_ns, until_ns) ||
        mirrors_doubt(sequencer->mirrors, from_ns, until_ns))
        return 1;
    for (uint32_t left = flow->origins; left; left &= left - 1)
        if (drop_periods_touch(&sequencer->drops[__builtin_ctz(left)], from_ns, until_ns))
            return 1;
    return 0;
}

int missing_while_dropping(const struct sequencer *sequencer, const struct flow *flow,
                           const struct missing_run *run)
{
    const struct drop_period *played = &sequencer->played;
    uint64_t from_ns = least(run->before_ns, run->after_ns);
    uint64_t until_ns = run->before_ns > run->after_ns ? run->before_ns : run->after_ns;

    if (played->until_ns && played->from_ns < from_ns)
        from_ns = played->from_ns;
    if (played->until_ns > until_ns)
        until_ns = played->until_ns;
    return touches_drops(sequencer, flow, from_ns, until_ns);
}

static enum gap_cause cause_of(const struct sequencer *sequencer, const struct flow *flow,
                               const struct missing_run *run)
{
    if (flow->merged ||
        (flow->mixed_senders && run->after_ns > channel_at(sequencer, flow->channel)->mixed_ns) ||
        run->was_dropping)
        return CAUSE_UNDETERMINED;
    return CAUSE_NETWORK;
}

/* Whether NUMBER came to POSITION, or to the one before it in its SA. */
static int has_come(const struct sequencer *sequencer, const struct position *position,
                    uint64_t number)
{
    const struct stance *stance;

    if (position_remembers(position, number) && position_saw(sequencer, position, number))
        return 1;
    if (position->stance == POOL_NONE)
        return 0;
    stance = stance_at(sequencer, position->stance);
    return stance->change == CHANGE_JUMP && stance->before != POOL_NONE &&
           has_come(sequencer, position_at(sequencer, stance->before), number);
}

/* How many of the lost numbers FIRST to LAST have come late already, as far as POSITION knows. */
static uint32_t count_late(const struct sequencer *sequencer, const struct position *position,
                           uint64_t first, uint64_t last)
{
    uint32_t count = 0;

    if (first + 2 * MEMORY_NUMBERS <= last)
        first = last - 2 * MEMORY_NUMBERS;
    for (uint64_t number = first; number <= last; number++)
        count += (uint32_t)has_come(sequencer, position, number);
    return count;
}

void missing_declare(struct sequencer *sequencer, const struct flow *flow,
                     struct position *position, const struct missing_run *run)
{
    uint64_t zero = position_zero(sequencer, position);
    uint64_t first = run->first > position->start ? run->first : position->start;
    struct gap gap = {
        .key = flow->key,
        .timestamp_ns = run->after_ns,
        .duration_ns = run->after_ns > run->before_ns ? run->after_ns - run->before_ns : 0,
        .first_number = first - zero,
        .last_number = run->last - zero,
        .expected_sequence = position_on_wire(position, first),
        .received_sequence = position_on_wire(position, run->last + 1),
        .size = run->last - first + 1,
        .cause = cause_of(sequencer, flow, run),
        .generation = position->generation,
        .association = position->association,
    };

    if (first > run->last)
        return;
    gap.late_after = count_late(sequencer, position, first, run->last);
    count_gap(sequencer, position, &gap);
}

/* Reports to sinks that more numbers of the gap with index PLACE came late. */
static void update_gap(struct sequencer *sequencer, size_t place)
{
    struct gap *gap = &sequencer->gaps->gaps[place];
    struct gap update = *gap;

    if (!sequencer->new_gaps || gap->is_waiting ||
        sequencer->new_gaps->count >= sequencer->new_gaps->limit)
        return;
    update.link = (uint32_t)place + 1;
    update.is_update = 1;
    gap->is_waiting = gap_log_add(sequencer->new_gaps, &update) == 0;
}

/* Counts NUMBER as late in the gap of POSITION that contains it; or, if WAS_LATE is 0, takes that
 * back. */
static void count_in_gap(struct sequencer *sequencer, const struct position *position,
                         uint64_t number, int was_late)
{
    uint64_t lost = number - position_zero(sequencer, position);
    uint32_t link = find_gap(sequencer->gaps->gaps, position->last_gap, lost);
    struct gap *gap;

    for (; link; link = gap->link) {
        gap = &sequencer->gaps->gaps[link - 1];
        if (gap->last_number < lost)
            return;
        if (gap->is_withdrawn)
            continue;
        if (was_late || gap->late_after)
            gap->late_after += was_late ? 1 : UINT32_MAX; /* one less */
        update_gap(sequencer, link - 1);
        return;
    }
}

void missing_came_late(struct sequencer *sequencer, const struct position *position,
                       uint64_t number)
{
    count_in_gap(sequencer, position, number, 1);
}

void missing_was_not_late(struct sequencer *sequencer, const struct position *position,
                          uint64_t number)
{
    count_in_gap(sequencer, position, number, 0);
}

void missing_take_back_late(struct sequencer *sequencer, const struct position *position,
                            const struct position *from)
{
    uint64_t number = from->lowest;

    if (number + MEMORY_NUMBERS <= from->highest)
        number = from->highest - MEMORY_NUMBERS + 1;
    for (; number <= from->highest; number++)
        if (position_saw(sequencer, from, number))
            count_in_gap(sequencer, position, number, 0);
}
