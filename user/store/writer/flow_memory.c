/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/flow_memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"

#define FIRST_CAPACITY 1024

void flow_memory_release(struct flow_memory *memory)
{
    for (size_t i = 0; i < memory->capacity; i++)
        free(memory->flows[i].earlier);
    free(memory->flows);
    lives_release(&memory->ended);
    *memory = (struct flow_memory){0};
}

void flow_memory_forget_rows(struct flow_memory *memory)
{
    for (size_t i = 0; i < memory->capacity; i++) {
        struct known_flow *known = &memory->flows[i];

        free(known->earlier);
        *known = (struct known_flow){
            .key = known->key,
            .gaps_elsewhere = known->gaps + known->gaps_elsewhere,
        };
    }
}

struct known_flow *flow_memory_at(struct flow_memory *memory, uint32_t handle)
{
    size_t capacity = memory->capacity ? memory->capacity : FIRST_CAPACITY;
    struct known_flow *flows;

    while (capacity <= handle)
        capacity *= 2;
    if (capacity > memory->capacity) {
        flows = realloc(memory->flows, capacity * sizeof(*flows));
        if (!flows)
            return NULL;
        memset(flows + memory->capacity, 0, (capacity - memory->capacity) * sizeof(*flows));
        memory->flows = flows;
        memory->capacity = capacity;
    }
    return &memory->flows[handle];
}

int flow_memory_is_of(const struct known_flow *known, const struct flow_change *change)
{
    return known->row && known->packets <= change->flow.packets &&
           memcmp(&known->key, &change->flow.key, sizeof(known->key)) == 0;
}

uint64_t flow_memory_gaps_elsewhere(const struct known_flow *known,
                                    const struct flow_change *change)
{
    int is_same = memcmp(&known->key, &change->flow.key, sizeof(known->key)) == 0;

    return !known->row && is_same && known->gaps_elsewhere <= change->figures.gaps
               ? known->gaps_elsewhere
               : 0;
}

void flow_memory_shift_time(struct flow_memory *memory, int64_t step_ns)
{
    for (size_t i = 0; i < memory->capacity; i++)
        if (memory->flows[i].row)
            memory->flows[i].last_ns = shift_time(memory->flows[i].last_ns, step_ns);
}

void flow_memory_settle_silence(struct flow_memory *memory, int is_committed)
{
    for (size_t i = 0; memory->becoming_silent && i < memory->capacity; i++)
        if (memory->flows[i].silence == BECOMING_SILENT)
            memory->flows[i].silence = is_committed ? IS_SILENT : NOT_SILENT;
    memory->becoming_silent = 0;
}

void flow_memory_update(struct flow_memory *memory, const struct flow_change *change, int64_t row,
                        struct flow_row *earlier)
{
    struct known_flow *known = &memory->flows[change->handle];
    const struct flow *flow = &change->flow;
    const uint64_t *lost = change->figures.lost;

    if (known->earlier != earlier)
        free(known->earlier);
    if (change->has_left) {
        free(earlier);
        *known = (struct known_flow){0};
        return;
    }
    *known = (struct known_flow){
        .key = flow->key,
        .row = row,
        .packets = flow->packets,
        .bytes = flow->bytes,
        .lost = {lost[CAUSE_NETWORK], lost[CAUSE_UNDETERMINED]},
        .gaps = change->figures.gaps,
        .unobserved = flow->unobserved,
        .earlier = earlier,
        .last_ns = flow->timing.last_ns,
        .longest_ns = flow->timing.max_ns,
    };
}
