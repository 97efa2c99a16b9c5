/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/changes.h"

#include <stdlib.h>

#define FIRST_CAPACITY 256

/* Flows lie all over the memory: so many are asked for ahead of being copied. */
#define GROUP            16
#define CACHE_LINE_BYTES 64

void changes_release(struct changes *changes)
{
    free(changes->flows);
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
    sequencer->new_gaps = &log->waiting.gaps;
    flow_table_mark(table, POOL_NONE);
}

void change_log_release(struct change_log *log)
{
    changes_release(&log->waiting);
}

/* Makes room for one more flow. Returns -1 when there is none to be had. */
static int reserve(struct changes *changes)
{
    size_t capacity = changes->flow_capacity ? changes->flow_capacity * 2 : FIRST_CAPACITY;
    struct flow_change *flows;

    if (changes->flow_count < changes->flow_capacity)
        return 0;
    flows = realloc(changes->flows, capacity * sizeof(*flows));
    if (!flows)
        return -1;
    changes->flows = flows;
    changes->flow_capacity = capacity;
    return 0;
}

/* Adds a copy of the flow HANDLE. Returns 0, or -1: no memory. */
static int add_flow(struct changes *changes, const struct change_log *log, uint32_t handle,
                    int has_left)
{
    const struct flow *flow = flow_table_at(log->table, handle);
    int has_sequence = flow_has_sequence(flow);

    if (reserve(changes) < 0)
        return -1;
    changes->flows[changes->flow_count++] = (struct flow_change){
        .handle = handle,
        .last_sequence = has_sequence ? sequence_last(log->sequencer, flow) : 0,
        .has_left = (uint8_t)has_left,
        .has_sequence = (uint8_t)has_sequence,
        .flow = *flow,
    };
    return 0;
}

void change_log_leave(struct change_log *log, uint32_t handle)
{
    struct changes *waiting = &log->waiting;

    if (!log->table)
        return;
    if (waiting->flow_count >= CHANGES_LEAVING_MAX || add_flow(waiting, log, handle, 1) < 0)
        waiting->flows_omitted++;
}

static void prefetch(const struct change_log *log, uint32_t handle)
{
    const char *memory = (const char *)flow_table_at(log->table, handle);

    for (size_t i = 0; i < sizeof(struct flow); i += CACHE_LINE_BYTES)
        __builtin_prefetch(memory + i);
}

/* The next flows from HANDLE on, at most GROUP of them. Returns how many. */
static size_t take_group(const struct change_log *log, uint32_t handle, uint32_t *group)
{
    size_t count = 0;

    for (; handle != POOL_NONE && count < GROUP; handle = flow_table_newer(log->table, handle)) {
        prefetch(log, handle);
        group[count++] = handle;
    }
    for (size_t i = 0; i < count; i++) {
        const struct flow *flow = flow_table_at(log->table, group[i]);

        sequence_prefetch(log->sequencer, flow, flow->current);
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
    changes->gaps = log->waiting.gaps;
    gap_log_init(&log->waiting.gaps, CHANGES_GAPS_MAX);
    for (enum gap_cause i = 0; i < CAUSE_COUNT; i++) {
        changes->lost[i] = log->sequencer->lost_by_cause[i] - log->lost[i];
        log->lost[i] = log->sequencer->lost_by_cause[i];
    }
}

void change_log_collect(struct change_log *log, struct changes *changes)
{
    struct gap_log gaps = log->waiting.gaps;

    *changes = log->waiting;
    log->waiting = nothing();
    log->waiting.gaps = gaps;
    changes->gaps = nothing().gaps;
    collect_flows(log, changes);
    if (!changes->has_more) /* gaps come behind the flows that they belong to */
        collect_gaps(log, changes);
}
