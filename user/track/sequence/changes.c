/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/changes.h"

#include <stdlib.h>

#include "base/prefetch.h"
#include "track/sequence/channel.h"

#define FIRST_CAPACITY 256

/* Flows are scattered in memory, so this many are prefetched before they are copied. */
#define GROUP 16

void changes_release(struct changes *changes)
{
    free(changes->flows);
    free(changes->sas);
    free(changes->events);
    free(changes->samples);
    tie_log_release(&changes->ties);
    tie_log_release(&changes->exchanges);
    gap_log_release(&changes->gaps);
    *changes = (struct changes){0};
}

static struct changes nothing(void)
{
    struct changes changes = {0};

    gap_log_init(&changes.gaps, CHANGES_GAPS_MAX);
    return changes;
}

void change_log_start(struct change_log *log, struct flow_table *table, struct sequencer *sequencer)
{
    *log = (struct change_log){.table = table, .sequencer = sequencer, .waiting = nothing()};
    log->events.limit = CHANGES_EVENTS_MAX;
    log->sampler.is_on = 1;
    sequencer->new_gaps = &log->waiting.gaps;
    sequencer->new_events = &log->events;
    flow_table_mark(table, POOL_NONE);
}

void change_log_release(struct change_log *log)
{
    changes_release(&log->waiting);
    free(log->events.events);
    sampler_release(&log->sampler);
    tie_log_release(&log->ties);
    tie_log_release(&log->exchanges);
}

/* Makes room for one more item of ITEM_BYTES behind COUNT items. Returns the items, or NULL without
 * memory; ITEMS are unchanged then. */
static void *reserve(void *items, size_t count, size_t *capacity, size_t item_bytes)
{
    size_t wanted = *capacity ? *capacity * 2 : FIRST_CAPACITY;
    void *more;

    if (count < *capacity)
        return items;
    more = realloc(items, wanted * item_bytes);
    if (more)
        *capacity = wanted;
    return more;
}

/* Adds SA to the changes in CONTEXT. Returns 0, or -1: no memory. */
static int add_sa(void *context, const struct sa_change *sa)
{
    struct changes *changes = context;
    struct sa_change *sas =
        reserve(changes->sas, changes->sa_count, &changes->sa_capacity, sizeof(*sas));

    if (!sas)
        return -1;
    changes->sas = sas;
    sas[changes->sa_count++] = *sa;
    return 0;
}

/* Adds the SAs of FLOW. Returns their number, or -1: no memory. */
static int add_sas(struct changes *changes, const struct change_log *log, struct flow *flow,
                   int has_left)
{
    size_t before = changes->sa_count;

    if (!flow_has_sequence(flow))
        return 0;
    if (sequence_sas(log->sequencer, flow, add_sa, changes) < 0) {
        changes->sa_count = before;
        return -1;
    }
    sequence_forget_ended(log->sequencer, flow);
    for (size_t i = before; i < changes->sa_count && has_left; i++)
        changes->sas[i].has_ended = i == before ? SA_LEFT : SA_ENDED;
    return (int)(changes->sa_count - before);
}

struct flow_change flow_change_of(const struct sequencer *sequencer, const struct flow *flow,
                                  uint32_t handle, int has_left)
{
    int has_sequence = flow_has_sequence(flow);

    return (struct flow_change){
        .handle = handle,
        .last_sequence = has_sequence ? sequence_last(sequencer, flow) : 0,
        .has_left = (uint8_t)has_left,
        .has_sequence = (uint8_t)has_sequence,
        .flow = *flow,
        .figures = flow_figures(sequencer, flow),
        .advice = flow_advice(sequencer, flow),
        .space = number_space_of(sequencer, flow),
        .mka = mka_of_flow(sequencer->mka, &flow->key),
    };
}

/* Adds a copy of flow HANDLE. Returns 0, or -1: no memory. */
static int add_flow(struct changes *changes, const struct change_log *log, uint32_t handle,
                    int has_left)
{
    struct flow *flow = flow_table_at(log->table, handle);
    struct flow_change *flows =
        reserve(changes->flows, changes->flow_count, &changes->flow_capacity, sizeof(*flows));
    struct flow_change *change;
    int sas;

    if (!flows)
        return -1;
    changes->flows = flows;
    sas = add_sas(changes, log, flow, has_left);
    if (sas < 0)
        return -1;
    change = &flows[changes->flow_count++];
    *change = flow_change_of(log->sequencer, flow, handle, has_left);
    change->sa_count = (uint32_t)sas;
    return 0;
}

void change_log_leave(struct change_log *log, uint32_t handle)
{
    struct changes *waiting = &log->waiting;

    if (!log->table)
        return;
    if (waiting->flow_count >= CHANGES_LEAVING_MAX || add_flow(waiting, log, handle, 1) < 0)
        waiting->flows_omitted++;
    else
        waiting->flows[waiting->flow_count - 1].departure = waiting->gaps.departures;
    waiting->gaps.departures++;
}

/* Takes the next flows from HANDLE on, at most GROUP. Returns their number. */
static size_t take_group(const struct change_log *log, uint32_t handle, uint32_t *group)
{
    size_t count = 0;

    for (; handle != POOL_NONE && count < GROUP; handle = flow_table_newer(log->table, handle)) {
        prefetch_memory(flow_table_at(log->table, handle), sizeof(struct flow));
        group[count++] = handle;
    }
    for (size_t i = 0; i < count; i++) {
        const struct flow *flow = flow_table_at(log->table, group[i]);

        sequence_prefetch(log->sequencer, flow);
    }
    return count;
}

/* Copies the flows used since the mark, and moves the mark behind them. */
static void collect_flows(struct change_log *log, struct changes *changes)
{
    size_t limit = changes->flow_count + CHANGES_FLOWS_MAX;
    int is_full = 0;
    uint32_t handle = flow_table_used_since_mark(log->table);
    uint32_t last = POOL_NONE;
    uint32_t group[GROUP];

    while (handle != POOL_NONE && changes->flow_count < limit && !is_full) {
        size_t count = take_group(log, handle, group);

        for (size_t i = 0; i < count && !is_full; i++) {
            is_full = add_flow(changes, log, group[i], 0) < 0;
            if (!is_full)
                last = group[i];
        }
        handle = flow_table_newer(log->table, group[count - 1]);
    }
    if (last != POOL_NONE)
        flow_table_mark(log->table, last);
    changes->has_more = flow_table_used_since_mark(log->table) != POOL_NONE;
}

static void collect_gaps(struct change_log *log, struct changes *changes)
{
    const struct gap_log *all = log->sequencer->gaps;

    for (size_t i = 0; i < log->waiting.gaps.count; i++) {
        struct gap *gap = &log->waiting.gaps.gaps[i];

        if (!gap->link)
            continue;
        gap->late_after = all->gaps[gap->link - 1].late_after;
        all->gaps[gap->link - 1].is_waiting = 0;
    }
    changes->gaps = log->waiting.gaps;
    gap_log_init(&log->waiting.gaps, CHANGES_GAPS_MAX);
    log->waiting.gaps.departures = changes->gaps.departures;
}

static void collect_events(struct change_log *log, struct changes *changes)
{
    changes->events = log->events.events;
    changes->event_count = log->events.count;
    changes->event_capacity = log->events.capacity;
    changes->events_omitted = log->events.omitted;
    log->events = (struct event_log){.limit = CHANGES_EVENTS_MAX};
    changes->ties = log->ties;
    log->ties = (struct tie_log){0};
    changes->exchanges = log->exchanges;
    log->exchanges = (struct tie_log){0};
}

/* Whether the SA of SAMPLE may change: the last restart, rekey or jump of its flow is provisional.
 */
static int is_provisional(const struct change_log *log, const struct sample *sample)
{
    const struct flow_table *table = log->table;
    uint32_t handle = flow_table_find(table, &sample->key, flow_table_hash(table, &sample->key));
    const struct flow *flow;

    if (handle == POOL_NONE)
        return 0;
    flow = flow_table_at(log->table, handle);
    return flow->position != POOL_NONE && sequence_settled(log->sequencer, flow) != flow->position;
}

/* Samples whose SA is not certain yet stay for a later collection. */
static void collect_samples(struct change_log *log, struct changes *changes)
{
    struct sampler *sampler = &log->sampler;
    struct sample *samples = sampler->samples;
    size_t count = sampler->count, collected = 0;

    sampler->samples = NULL;
    sampler->count = 0;
    sampler->room = 0;
    for (size_t i = 0; i < count; i++)
        if (is_provisional(log, &samples[i]))
            sampler_keep(sampler, &samples[i]);
        else
            samples[collected++] = samples[i];
    changes->samples = samples;
    changes->sample_count = collected;
}

void change_log_collect(struct change_log *log, struct changes *changes)
{
    struct gap_log gaps = log->waiting.gaps;

    *changes = log->waiting;
    log->waiting = nothing();
    log->waiting.gaps = gaps;
    changes->gaps = nothing().gaps;
    collect_flows(log, changes);
    if (!changes->has_more) { /* the other changes follow the flows */
        collect_gaps(log, changes);
        collect_events(log, changes); /* and ties */
        collect_samples(log, changes);
    }
}
