/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/tracker.h"

#include "base/units.h"
#include <string.h>

#include "numbered.h"
#include "selection.h"
#include "track/timing.h"
#include "track/unobserved.h"

/*
 * When the flows no longer fit the cache, memory accesses take most of the time. So records are
 * taken in groups: each step prefetches what the next step needs for the whole group, and the waits
 * overlap. With 928,000 flows this is 2.5 times as fast.
 */
#define GROUP            16
#define CACHE_LINE_BYTES 64

static void count_candidate(void *context, const struct frame_record *record, int is_confirmed);

int tracker_init(struct tracker *tracker, uint32_t window, uint32_t max_flows)
{
    *tracker = (struct tracker){
        .protocols = PROTOCOLS_ALL,
        .candidates = {.count = count_candidate, .context = tracker},
    };
    gap_log_init(&tracker->gaps, GAPS_KEPT_MAX);
    if (flow_table_init(&tracker->table, max_flows) < 0)
        return -1;
    if (sequencer_init(&tracker->sequencer, window, max_flows, &tracker->gaps) < 0) {
        tracker_release(tracker);
        return -1;
    }
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

/* Removes flow HANDLE. Its figures stay in the summary, and if it IS_IDLE, in the report. */
static void leave(struct tracker *tracker, uint32_t handle, int is_idle)
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

/* Adds a flow for RECORD. Returns it, or NULL: no memory. */
static struct flow *add_flow(struct tracker *tracker, const struct frame_record *record,
                             uint32_t hash)
{
    struct flow *flow;
    uint32_t handle;

    handle = flow_table_add(&tracker->table, &record->key, hash);
    if (handle == POOL_NONE) {
        if (flow_table_oldest(&tracker->table) != POOL_NONE)
            leave(tracker, flow_table_oldest(&tracker->table), 0);
        handle = flow_table_add(&tracker->table, &record->key, hash);
        if (handle == POOL_NONE)
            return NULL;
    }
    flow = flow_table_at(&tracker->table, handle);
    flow->flags = record->flags & RECORD_IMPLICIT_SCI;
    flow->first_ns = record->timestamp_ns;
    return flow;
}

/* The flow of RECORD, which is added if necessary; NULL: no memory. */
static struct flow *find_or_add(struct tracker *tracker, const struct frame_record *record,
                                uint32_t hash)
{
    uint32_t handle = flow_table_find(&tracker->table, &record->key, hash);

    if (handle == POOL_NONE)
        return add_flow(tracker, record, hash);
    flow_table_touch(&tracker->table, handle);
    return flow_table_at(&tracker->table, handle);
}

/* Adds PACKETS and BYTES that came from FIRST_NS to LAST_NS. */
static void count_frames(struct flow *flow, uint64_t packets, uint64_t bytes, uint64_t first_ns,
                         uint64_t last_ns)
{
    if (flow->packets)
        timing_add(&flow->timing, first_ns);
    else
        timing_begin(&flow->timing, first_ns);
    if (first_ns < flow->first_ns)
        flow->first_ns = first_ns;
    if (packets > 1)
        timing_add_even(&flow->timing, last_ns, packets - 1);
    flow->packets += packets;
    flow->bytes += bytes;
}

static int receive_numbers(struct tracker *tracker, struct flow *flow,
                           const struct frame_record *record)
{
    uint32_t count = numbers_of(record);
    unsigned association = record->association % ASSOCIATIONS_MAX;

    for (uint32_t i = 0; i < count; i++) {
        if (sequence_receive(&tracker->sequencer, flow, association, record->sequence + i,
                             record->timestamp_ns) < 0)
            return -1;
        if (tracker->changes.sampler.is_on)
            sampler_see(&tracker->changes.sampler, flow, association, record->sequence + i,
                        record->timestamp_ns);
    }
    return 0;
}

/* Counts the frame of RECORD in FLOW, which is NULL when there was no memory for it. */
static void count_record(struct tracker *tracker, struct flow *flow,
                         const struct frame_record *record)
{
    if (!flow) {
        tracker->untracked++;
        return;
    }
    count_frames(flow, record->wire_packets, record->wire_bytes, record->timestamp_ns,
                 record->timestamp_ns);
    if (record->flags & RECORD_MISSED)
        flow->unobserved += record->wire_packets;
    if (record->flags & RECORD_CANDIDATE)
        tracker->confirmed[record->key.protocol] += record->wire_packets;
    if (record->flags & RECORD_MERGED)
        flow->merged += record->wire_packets;
    if (is_numbered(&flow->key) && receive_numbers(tracker, flow, record) < 0)
        tracker->untracked++;
}

static void count_candidate(void *context, const struct frame_record *record, int is_confirmed)
{
    struct tracker *tracker = context;
    struct frame_record counted = *record;
    uint32_t hash = flow_table_hash(&tracker->table, &record->key);

    /* Its flow may have come about while it waited, through frames with other ports. */
    if (!is_confirmed && flow_table_find(&tracker->table, &record->key, hash) == POOL_NONE) {
        counted.key = candidate_udp_key(record);
        counted.flags &= (uint8_t) ~(RECORD_CANDIDATE | RECORD_MERGED);
    }
    if (!(tracker->protocols & PROTOCOL_BIT(counted.key.protocol))) {
        if (is_confirmed)
            tracker->confirmed[counted.key.protocol] += counted.wire_packets;
        return;
    }
    count_record(tracker,
                 find_or_add(tracker, &counted, flow_table_hash(&tracker->table, &counted.key)),
                 &counted);
}

/* RECORD says that a frame of its flow had a copy, or had none. */
static void note_copy(struct tracker *tracker, const struct frame_record *record, uint32_t hash)
{
    struct flow_table *table = &tracker->table;
    uint32_t handle = flow_table_find(table, &record->key, hash);
    struct flow *flow;

    if (handle == POOL_NONE && record->flags & RECORD_CANDIDATE) { /* it stayed UDP */
        struct flow_key udp = candidate_udp_key(record);

        handle = flow_table_find(table, &udp, flow_table_hash(table, &udp));
    }
    if (handle == POOL_NONE)
        return;
    flow_table_touch(table, handle);
    flow = flow_table_at(table, handle);
    if (record->flags & RECORD_COPY)
        flow->copies += record->wire_packets;
    else
        flow->alone += record->wire_packets;
    if (record->flags & RECORD_COPY && record->flags & RECORD_CANDIDATE &&
        flow->key.protocol == record->key.protocol)
        tracker->confirmed[record->key.protocol] += record->wire_packets;
}

/* Notes the IKE exchange that a datagram belongs to. Returns 1 when the source passed RECORD on
 * just for this. */
static int note_exchange(struct tracker *tracker, const struct frame_record *record)
{
    if (!record->association || record->key.protocol != OUTCOME_UDP)
        return 0;
    exchanges_receive(&tracker->exchanges, record);
    return !(tracker->protocols & PROTOCOL_BIT_UDP);
}

/* Receives a single frame. Candidates need no agreement when their flow exists. */
static void receive_frame(struct tracker *tracker, const struct frame_record *record, uint32_t hash)
{
    struct flow_table *table = &tracker->table;
    uint32_t handle = flow_table_find(table, &record->key, hash);

    if (note_exchange(tracker, record))
        return;
    if (record->flags & (RECORD_COPY | RECORD_ALONE)) {
        note_copy(tracker, record, hash);
    } else if (handle != POOL_NONE) {
        flow_table_touch(table, handle);
        count_record(tracker, flow_table_at(table, handle), record);
    } else if (record->flags & RECORD_CANDIDATE) {
        struct flow_key udp = candidate_udp_key(record);

        candidates_receive(&tracker->candidates, record, &udp, flow_table_hash(table, &udp));
    } else if (record->key.protocol == PROTOCOL_MIRROR) {
        mirrors_receive(&tracker->mirrors, record, &tracker->sequencer.drops);
    } else {
        count_record(tracker, add_flow(tracker, record, hash), record);
    }
}

static void receive_missed_numbers(struct tracker *tracker, const struct missed_frames *missed,
                                   uint32_t hash)
{
    struct frame_record record;
    struct unobserved walk;

    tracker->sequencer.played =
        (struct drop_period){.from_ns = missed->first_ns, .until_ns = missed->last_ns};
    unobserved_begin(&walk, missed);
    while (unobserved_next(&walk, &record))
        receive_frame(tracker, &record, hash);
    tracker->sequencer.played = (struct drop_period){0};
}

/* RECORD stands for the MISSED frames of a flow without numbers. */
static void receive_missed_plain(struct tracker *tracker, const struct frame_record *record,
                                 const struct missed_frames *missed, uint32_t hash)
{
    struct flow *flow = find_or_add(tracker, record, hash);

    if (!flow) {
        tracker->untracked++;
        return;
    }
    count_frames(flow, missed->packets, missed->bytes, missed->first_ns, missed->last_ns);
    flow->unobserved += missed->packets;
}

static void receive_one(struct tracker *tracker, const struct frame_record *record, uint32_t hash,
                        const struct missed_frames *missed)
{
    if (!(record->flags & RECORD_MISSED))
        receive_frame(tracker, record, hash);
    else if (is_numbered(&record->key))
        receive_missed_numbers(tracker, &missed[record->missed], hash);
    else
        receive_missed_plain(tracker, record, &missed[record->missed], hash);
}

static void prefetch_flow(const struct flow *flow)
{
    const char *memory = (const char *)flow;

    __builtin_prefetch(memory);
    __builtin_prefetch(memory + CACHE_LINE_BYTES);
    __builtin_prefetch(memory + sizeof(*flow) - 1);
}

static void receive_group(struct tracker *tracker, const struct frame_record *records, size_t count,
                          const struct missed_frames *missed)
{
    const struct flow_table *table = &tracker->table;
    uint32_t hash[GROUP];
    uint32_t guess[GROUP];

    for (size_t i = 0; i < count; i++) {
        hash[i] = flow_table_hash(table, &records[i].key);
        flow_table_prefetch_slot(table, hash[i]);
    }
    for (size_t i = 0; i < count; i++) {
        guess[i] = flow_table_guess(table, hash[i]);
        if (guess[i] != POOL_NONE)
            prefetch_flow(flow_table_at(table, guess[i]));
    }
    for (size_t i = 0; i < count; i++) {
        const struct flow *flow;

        if (guess[i] == POOL_NONE)
            continue;
        flow = flow_table_at(table, guess[i]);
        sequence_prefetch(&tracker->sequencer, flow);
    }
    for (size_t i = 0; i < count; i++)
        receive_one(tracker, &records[i], hash[i], missed);
}

void tracker_receive(struct tracker *tracker, const struct frame_record *records, size_t count,
                     const struct missed_frames *missed)
{
    while (count) {
        size_t group = count < GROUP ? count : GROUP;

        receive_group(tracker, records, group, missed);
        records += group;
        count -= group;
    }
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
    drop_periods_add(&tracker->sequencer.drops, from_ns, until_ns);
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
    drop_periods_shift_time(&tracker->sequencer.drops, step_ns);
    candidates_shift_time(&tracker->candidates, step_ns);
    tie_log_shift_time(&tracker->moves.ties, step_ns);
    tie_log_shift_time(&tracker->changes.ties, step_ns);
    exchanges_shift_time(&tracker->exchanges, step_ns);
    tie_log_shift_time(&tracker->changes.exchanges, step_ns);
    mirrors_shift_time(&tracker->mirrors, step_ns);
}

void tracker_expire_idle(struct tracker *tracker, uint64_t before_ns)
{
    const struct flow_table *table = &tracker->table;
    uint32_t oldest;

    candidates_expire(&tracker->candidates, before_ns);
    while ((oldest = flow_table_oldest(table)) != POOL_NONE &&
           flow_table_at(table, oldest)->timing.last_ns < before_ns)
        leave(tracker, oldest, 1);
}

void tracker_finish(struct tracker *tracker)
{
    struct flow_table *table = &tracker->table;
    uint32_t next;

    candidates_expire(&tracker->candidates, UINT64_MAX);
    for (uint32_t i = flow_table_oldest(table); i != POOL_NONE; i = next) {
        struct flow *flow = flow_table_at(table, i);
        struct sequence_figures before = flow_figures(&tracker->sequencer, flow);
        struct sequence_figures after;

        next = flow_table_newer(table, i);
        sequence_flush(&tracker->sequencer, flow);
        after = flow_figures(&tracker->sequencer, flow);
        if (memcmp(&before, &after, sizeof(before)) != 0)
            flow_table_touch(table, i); /* it changed (track/changes.h) */
    }
}

void tracker_correct_outcomes(const struct tracker *tracker, uint64_t outcomes[OUTCOME_COUNT])
{
    for (size_t i = 0; i < OUTCOME_PROTOCOLS_END; i++) {
        outcomes[i] += tracker->confirmed[i];
        outcomes[OUTCOME_UDP] -= tracker->confirmed[i];
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
