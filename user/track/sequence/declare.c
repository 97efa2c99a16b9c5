/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Turns missing runs into gaps, and counts numbers of gaps that come late. */
#include "track/sequence/channel.h"
#include "track/sequence/mirrors.h"
#include "track/sequence/reclaim.h"

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

    gaps_reclaim(sequencer);
    gap_link(sequencer->gaps, &logged, position->last_gap);
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

/* The bits of the numbers FIRST to LAST among those of the 64 numbers from WORD on. */
static uint64_t bits_between(uint64_t word, uint64_t first, uint64_t last)
{
    if (first > last || first > word + 63 || last < word)
        return 0;
    return UINT64_MAX << (first > word ? first - word : 0) &
           UINT64_MAX >> (last < word + 63 ? word + 63 - last : 0);
}

/* The position from which POSITION took over by a jump, in the same SA, or NULL. */
static const struct position *jumped_from(const struct sequencer *sequencer,
                                          const struct position *position)
{
    const struct stance *stance;

    if (position->stance == POOL_NONE)
        return NULL;
    stance = stance_at(sequencer, position->stance);
    if (stance->change != CHANGE_JUMP || stance->before == POOL_NONE)
        return NULL;
    return position_at(sequencer, stance->before);
}

/* Which of the 64 numbers from WORD on, a multiple of 64, POSITION remembers to have come: one bit
 * for each. */
static uint64_t seen_from(const struct sequencer *sequencer, const struct position *position,
                          uint64_t word)
{
    uint64_t first = position->highest - MEMORY_NUMBERS + 1;

    if (position->memory == POOL_NONE)
        return bits_between(word, most(first, position->lowest), position->highest);
    return memory_at(sequencer, position->memory)->seen[word % MEMORY_NUMBERS / 64] &
           bits_between(word, first, position->highest);
}

/* The same for POSITION and those before it in its SA. */
static uint64_t come_from(const struct sequencer *sequencer, const struct position *position,
                          uint64_t word)
{
    uint64_t come = 0;

    for (; position; position = jumped_from(sequencer, position))
        come |= seen_from(sequencer, position, word);
    return come;
}

/* The lowest number of which POSITION, or one before it in its SA, remembers whether it came. */
static uint64_t remembered_from(const struct sequencer *sequencer, const struct position *position)
{
    uint64_t lowest = UINT64_MAX;

    for (; position; position = jumped_from(sequencer, position))
        lowest = least(lowest, position->highest - MEMORY_NUMBERS + 1);
    return lowest;
}

/* How many of the lost numbers FIRST to LAST have come late already, as far as POSITION knows.
 * Where most numbers are lost, that is asked for each frame, so they are not looked at one by one.
 */
static uint32_t count_late(const struct sequencer *sequencer, const struct position *position,
                           uint64_t first, uint64_t last)
{
    uint64_t remembered = remembered_from(sequencer, position);
    uint32_t count = 0;

    if (first + 2 * MEMORY_NUMBERS <= last)
        first = last - 2 * MEMORY_NUMBERS;
    if (first < remembered)
        first = remembered;
    for (uint64_t word = first / 64 * 64; word <= last; word += 64)
        count += (uint32_t)__builtin_popcountll(come_from(sequencer, position, word) &
                                                bits_between(word, first, last));
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

/* The numbers FIRST to LAST that FROM saw did not come late in GAP. */
static void take_back_in_gap(struct sequencer *sequencer, size_t place, const struct position *from,
                             uint64_t first, uint64_t last)
{
    struct gap *gap = &sequencer->gaps->gaps[place];
    uint64_t seen = last - first + 1 - position_count_missing(sequencer, from, first, last);

    if (!seen)
        return;
    gap->late_after -= (uint32_t)least(seen, gap->late_after);
    update_gap(sequencer, place);
}

void missing_take_back_late(struct sequencer *sequencer, const struct position *position,
                            const struct position *from)
{
    const struct gap *gaps = sequencer->gaps->gaps;
    uint64_t zero = position_zero(sequencer, position);
    uint64_t first = most(most(from->lowest, from->highest - MEMORY_NUMBERS + 1), zero);
    uint64_t last = from->highest;
    uint32_t link;

    if (last < first)
        return;
    /* From gap to gap, because there may be thousands of numbers, and no gap. */
    for (link = find_gap(gaps, position->last_gap, last - zero);
         link && last >= first && zero + gaps[link - 1].last_number >= first;
         link = gaps[link - 1].link) {
        const struct gap *gap = &gaps[link - 1];
        uint64_t start = most(zero + gap->first_number, first);

        if (gap->is_withdrawn || start > last)
            continue;
        take_back_in_gap(sequencer, link - 1, from, start, least(zero + gap->last_number, last));
        last = start - 1;
    }
}
