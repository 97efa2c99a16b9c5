/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Everything that knows gaps by their place in the log is told the new one: the gaps themselves,
 * positions, hypotheses, strays, moves, and the copies that wait for sinks.
 */
#include "track/sequence/reclaim.h"

#include <stdlib.h>

#include "track/sequence/channel.h"
#include "track/sequence/move.h"

/* Iterates over ELEMENT of all elements of POOL, those that were returned included: what is written
 * to these, behind their first member, has no effect. */
#define FOR_POOL(pool, type, element)                                                              \
    for (uint32_t handle_ = POOL_NONE + 1; handle_ < (pool)->used_end; handle_++)                  \
        for (type *element = pool_at(pool, handle_); element; element = NULL)

/* Lets all gaps of LOG follow gaps that stand. */
static void link_standing(struct gap_log *log)
{
    for (uint32_t link = 1; link <= log->count; link++) {
        struct gap *gap = gap_log_at(log, link);

        gap->link = gap_log_standing(log, gap->link);
    }
}

/* Sets each of PLACES to the number of standing gaps among as many of LOG: for one that stands this
 * is its new link, and for a number of logged gaps the number that is left of them. */
static void count_standing(const struct gap_log *log, uint32_t *places)
{
    places[0] = 0;
    for (size_t i = 0; i < log->count; i++)
        places[i + 1] = places[i] + !log->gaps[i].is_withdrawn;
}

static void tell_positions(const struct sequencer *sequencer, const uint32_t *places)
{
    const struct gap_log *log = sequencer->gaps;

    FOR_POOL(&sequencer->positions, struct position, position)
    if (position->last_gap <= log->count)
        position->last_gap = places[gap_log_standing(log, position->last_gap)];
    FOR_POOL(&sequencer->stances, struct stance, stance)
    if (stance->gap_index <= log->count)
        stance->gap_index = places[stance->gap_index];
    FOR_POOL(&sequencer->strays, struct stray, stray)
    if (stray->gap_index <= log->count)
        stray->gap_index = places[stray->gap_index] & GAP_INDEX_MAX;
    if (!sequencer->moves)
        return;
    FOR_POOL(&sequencer->moves->pending, struct move, move)
    if (move->gap_index <= log->count)
        move->gap_index = places[move->gap_index];
}

/* The copies of withdrawn gaps do not change any more. */
static void tell_copies(const struct sequencer *sequencer, const uint32_t *places)
{
    struct gap_log *copies = sequencer->new_gaps;

    for (size_t i = 0; copies && i < copies->count; i++) {
        struct gap *copy = &copies->gaps[i];
        const struct gap *gap;

        if (!copy->link)
            continue;
        gap = gap_log_at(sequencer->gaps, copy->link);
        copy->late_after = gap->late_after;
        copy->link = gap->is_withdrawn ? 0 : places[copy->link];
    }
}

static void move_standing(struct gap_log *log, const uint32_t *places)
{
    size_t kept = 0;

    for (size_t i = 0; i < log->count; i++) {
        struct gap gap = log->gaps[i];

        if (gap.is_withdrawn)
            continue;
        gap_link(log, &gap, places[gap.link]);
        log->gaps[kept++] = gap;
    }
    log->count = kept;
    log->withdrawn = 0;
}

void gaps_reclaim(struct sequencer *sequencer)
{
    struct gap_log *log = sequencer->gaps;
    uint32_t *places;

    if (log->count < log->capacity || log->withdrawn < RECLAIM_MIN)
        return;
    places = malloc((log->count + 1) * sizeof(*places));
    if (!places)
        return;
    link_standing(log);
    count_standing(log, places);
    tell_positions(sequencer, places);
    tell_copies(sequencer, places);
    move_standing(log, places);
    free(places);
}
