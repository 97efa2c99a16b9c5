/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/tracker.h"

#include <string.h>

#include "base/units.h"
#include "numbered.h"
#include "selection.h"
#include "track/flows/timing.h"
#include "track/receive.h"
#include "track/rollover.h"

static uint32_t hash_key(void *context, const struct flow_key *key)
{
    const struct tracker *tracker = context;

    return flow_table_hash(&tracker->table, key);
}

static void note_follower(void *context, const struct flow_key *key, const struct flow_key *before,
                          uint64_t timestamp_ns)
{
    tracker_follows(context, key, before, timestamp_ns);
}

static int is_known(void *context, const struct frame_record *record)
{
    const struct tracker *tracker = context;

    return moves_know(&tracker->sequencer, &record->key, record->sequence);
}

int tracker_init(struct tracker *tracker, uint32_t window, uint32_t max_flows)
{
    *tracker = (struct tracker){
        .protocols = PROTOCOLS_ALL,
        .candidates = {.count = receive_decided,
                       .follows = note_follower,
                       .is_known = is_known,
                       .hash = hash_key,
                       .context = tracker},
    };
    gap_log_init(&tracker->gaps, GAPS_KEPT_MAX);
    if (flow_table_init(&tracker->table, max_flows) < 0)
        return -1;
    if (sequencer_init(&tracker->sequencer, window, max_flows, &tracker->gaps) < 0) {
        tracker_release(tracker);
        return -1;
    }
    tracker->sequencer.mka = &tracker->mka;
    tracker->sequencer.mirrors = &tracker->mirrors;
    if (moves_init(&tracker->moves, &tracker->table, max_flows) < 0) {
        tracker_release(tracker);
        return -1;
    }
    tracker->sequencer.moves = &tracker->moves;
    return 0;
}

void tracker_release(struct tracker *tracker)
{
    flow_table_release(&tracker->table);
    candidates_release(&tracker->candidates);
    mirrors_release(&tracker->mirrors);
    mka_release(&tracker->mka);
    moves_release(&tracker->moves);
    exchanges_release(&tracker->exchanges);
    sequencer_release(&tracker->sequencer);
    gap_log_release(&tracker->gaps);
    change_log_release(&tracker->changes);
    departed_release(&tracker->departed);
    sa_log_release(&tracker->sas);
}

void tracker_select(struct tracker *tracker, uint32_t protocols)
{
    tracker->protocols = protocols;
}

void tracker_keep_changes(struct tracker *tracker)
{
    change_log_start(&tracker->changes, &tracker->table, &tracker->sequencer);
    tracker->moves.new_ties = &tracker->changes.ties;
    tracker->exchanges.new_ties = &tracker->changes.exchanges;
}

void tracker_keep_sas(struct tracker *tracker)
{
    tracker->sequencer.sa_log = &tracker->sas;
}

static int add_to_log(void *context, const struct sa_change *sa)
{
    sa_log_add(context, sa);
    return 0;
}

void tracker_remove_flow(struct tracker *tracker, uint32_t handle, int is_idle)
{
    struct flow *flow = flow_table_at(&tracker->table, handle);
    struct flow_change change;

    sequence_flush(&tracker->sequencer, flow);
    change = flow_change_of(&tracker->sequencer, flow, handle, 1);
    if (is_idle) {
        departed_add(&tracker->departed, &change);
        if (tracker->sequencer.sa_log && change.has_sequence)
            sequence_live_sas(&tracker->sequencer, flow, add_to_log, &tracker->sas);
    }
    change_log_leave(&tracker->changes, handle);
    sequence_end(&tracker->sequencer, flow);
    summary_add_flow(&tracker->evicted, flow, &change.figures);
    flow_table_remove(&tracker->table, handle);
}

void tracker_follows(struct tracker *tracker, const struct flow_key *to,
                     const struct flow_key *from, uint64_t timestamp_ns)
{
    const struct tie tie = {
        .from = *from, .to = *to, .timestamp_ns = timestamp_ns, .kind = TIE_REKEYED};

    moves_tie(&tracker->moves, &tie);
}

void tracker_note_drops(struct tracker *tracker, uint64_t from_ns, uint64_t until_ns)
{
    drop_periods_add(&tracker->sequencer.drops[ORIGIN_ALL], from_ns, until_ns);
}

void tracker_note_losses(struct tracker *tracker, const struct lost_span *spans, size_t count)
{
    for (size_t i = 0; i < count; i++)
        drop_periods_add(&tracker->sequencer.drops[spans[i].origin], spans[i].from_ns,
                         spans[i].until_ns);
}

void tracker_note_clock_set(struct tracker *tracker, uint64_t set_ns)
{
    tracker->sequencer.clock_set_ns = set_ns;
}

void tracker_tell_clock_step(struct tracker *tracker, int64_t step_ns, uint64_t now_ns)
{
    struct track_event event = {
        .timestamp_ns = now_ns,
        .value = (uint64_t)step_ns,
        .kind = EVENT_CLOCK_STEP,
    };

    if (tracker->sequencer.new_events)
        event_log_add(tracker->sequencer.new_events, &event);
}

void tracker_shift_time(struct tracker *tracker, int64_t step_ns)
{
    const struct flow_table *table = &tracker->table;

    for (uint32_t i = flow_table_oldest(table); i != POOL_NONE; i = flow_table_newer(table, i)) {
        struct flow *flow = flow_table_at(table, i);

        flow->first_ns = shift_time(flow->first_ns, step_ns);
        flow->timing.last_ns = shift_time(flow->timing.last_ns, step_ns);
        sequence_shift_time(&tracker->sequencer, flow, step_ns);
    }
    tracker->evicted.first_ns = shift_time(tracker->evicted.first_ns, step_ns);
    tracker->evicted.last_ns = shift_time(tracker->evicted.last_ns, step_ns);
    departed_shift_time(&tracker->departed, step_ns);
    sampler_shift_time(&tracker->changes.sampler, step_ns);
    sa_log_shift_time(&tracker->sas, step_ns);
    gap_log_shift_time(&tracker->gaps, step_ns);
    gap_log_shift_time(&tracker->changes.waiting.gaps, step_ns);
    if (tracker->sequencer.began_ns)
        tracker->sequencer.began_ns = shift_time(tracker->sequencer.began_ns, step_ns);
    for (size_t i = 0; i < ORIGINS_MAX + 1; i++)
        drop_periods_shift_time(&tracker->sequencer.drops[i], step_ns);
    candidates_shift_time(&tracker->candidates, step_ns);
    tie_log_shift_time(&tracker->moves.ties, step_ns);
    tie_log_shift_time(&tracker->changes.ties, step_ns);
    exchanges_shift_time(&tracker->exchanges, step_ns);
    tie_log_shift_time(&tracker->changes.exchanges, step_ns);
    mirrors_shift_time(&tracker->mirrors, step_ns);
    mka_shift_time(&tracker->mka, step_ns);
}

void tracker_expire_idle(struct tracker *tracker, uint64_t before_ns)
{
    const struct flow_table *table = &tracker->table;
    uint32_t oldest;

    candidates_expire(&tracker->candidates, before_ns);
    while ((oldest = flow_table_oldest(table)) != POOL_NONE &&
           flow_table_at(table, oldest)->timing.last_ns < before_ns)
        tracker_remove_flow(tracker, oldest, 1);
}

/* Ends the stream of the flow with HANDLE. */
static void finish_flow(struct tracker *tracker, uint32_t handle)
{
    const struct sequencer *sequencer = &tracker->sequencer;
    struct flow *flow = flow_table_at(&tracker->table, handle);
    struct sequence_figures before, after;
    struct replay_advice advice, new_advice;

    if (flow->position == POOL_NONE)
        return; /* nothing is pending in a flow of fewer than two numbers */
    before = flow_figures(sequencer, flow);
    advice = flow_advice(sequencer, flow);
    sequence_flush(&tracker->sequencer, flow);
    after = flow_figures(sequencer, flow);
    new_advice = flow_advice(sequencer, flow);
    if (memcmp(&before, &after, sizeof(before)) != 0 ||
        memcmp(&advice, &new_advice, sizeof(advice)) != 0)
        flow_table_touch(&tracker->table, handle); /* it changed (track/sequence/changes.h) */
}

void tracker_finish(struct tracker *tracker)
{
    struct flow_table *table = &tracker->table;
    uint32_t next;

    candidates_expire(&tracker->candidates, UINT64_MAX);
    rollover_extend(tracker);
    for (uint32_t i = flow_table_oldest(table); i != POOL_NONE; i = next) {
        next = flow_table_newer(table, i);
        finish_flow(tracker, i);
    }
}

void tracker_correct_outcomes(const struct tracker *tracker, uint64_t outcomes[OUTCOME_COUNT])
{
    for (size_t i = 0; i < OUTCOME_PROTOCOLS_END; i++) {
        uint64_t confirmed = tracker->confirmed[i];

        if (confirmed > outcomes[OUTCOME_UDP])
            confirmed = outcomes[OUTCOME_UDP]; /* in missed datagrams each number counts */
        outcomes[i] += confirmed;
        outcomes[OUTCOME_UDP] -= confirmed;
    }
}

struct summary tracker_summary(const struct tracker *tracker)
{
    const struct flow_table *table = &tracker->table;
    struct summary summary = tracker->evicted;

    for (uint32_t i = flow_table_oldest(table); i != POOL_NONE; i = flow_table_newer(table, i)) {
        const struct flow *flow = flow_table_at(table, i);
        struct sequence_figures figures = flow_figures(&tracker->sequencer, flow);

        summary_add_flow(&summary, flow, &figures);
    }
    return summary;
}
