/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "outcome.h"

/* The table is bounded. When a set is full, the flow used longest ago leaves it: its waiting
 * datagrams count as UDP, and if it was confirmed, it has to be confirmed again. */
#define SETS         8192
#define WAYS         8
#define AGREEING_MIN 3

struct candidate_flow {
    struct flow_key key; /* protocol 0: free */
    uint64_t used;       /* time on the table's clock */
    uint32_t held_count;
    uint32_t is_confirmed;
    struct frame_record held[CANDIDATES_HELD_MAX]; /* waiting datagrams in order of arrival */
};

struct flow_key candidate_udp_key(const struct frame_record *record)
{
    struct flow_key key = record->key;

    key.protocol = OUTCOME_UDP;
    key.ports = record->ports;
    return key;
}

void candidates_release(struct candidates *candidates)
{
    free(candidates->flows);
    candidates->flows = NULL;
    candidates->waiting = 0;
}

/* Counts all waiting datagrams of FLOW. */
static void count_held(struct candidates *candidates, struct candidate_flow *flow)
{
    uint32_t count = flow->held_count;

    if (!count)
        return;
    flow->held_count = 0;
    candidates->waiting--;
    for (uint32_t i = 0; i < count; i++)
        candidates->count(candidates->context, &flow->held[i], (int)flow->is_confirmed);
}

/* The entry for KEY in its set. If there is none, takes a free one, or that of the flow used
 * longest ago. */
static struct candidate_flow *find_or_add(struct candidates *candidates, const struct flow_key *key,
                                          uint32_t hash)
{
    struct candidate_flow *set = candidates->flows + hash % SETS * WAYS;
    struct candidate_flow *oldest = set;

    for (struct candidate_flow *flow = set; flow < set + WAYS; flow++) {
        if (memcmp(&flow->key, key, sizeof(*key)) == 0)
            return flow;
        if (flow->used < oldest->used)
            oldest = flow;
    }
    count_held(candidates, oldest);
    oldest->key = *key;
    oldest->is_confirmed = 0;
    return oldest;
}

static int has_same_identity(const struct frame_record *a, const struct frame_record *b)
{
    return a->key.protocol == b->key.protocol && a->key.identifier == b->key.identifier &&
           a->association == b->association;
}

/* The number of waiting datagrams of FLOW that agree with RECORD, or -1 when RECORD is a copy of
 * one. */
static int count_agreeing(const struct candidate_flow *flow, const struct frame_record *record)
{
    int agreeing = 0;

    for (uint32_t i = 0; i < flow->held_count; i++) {
        const struct frame_record *held = &flow->held[i];
        int32_t distance = (int32_t)(record->sequence - held->sequence);

        if (!has_same_identity(record, held))
            continue;
        if (distance == 0)
            return -1;
        if (distance >= -CANDIDATES_NEAR && distance <= CANDIDATES_NEAR)
            agreeing++;
    }
    return agreeing;
}

/* Adds RECORD to the waiting datagrams of FLOW. */
static void hold(struct candidates *candidates, struct candidate_flow *flow,
                 const struct frame_record *record)
{
    struct frame_record oldest = flow->held[0];

    if (flow->held_count < CANDIDATES_HELD_MAX) {
        candidates->waiting += flow->held_count == 0;
        flow->held[flow->held_count++] = *record;
        return;
    }
    memmove(flow->held, flow->held + 1, sizeof(flow->held) - sizeof(flow->held[0]));
    flow->held[CANDIDATES_HELD_MAX - 1] = *record;
    candidates->count(candidates->context, &oldest, 0);
}

void candidates_receive(struct candidates *candidates, const struct frame_record *record,
                        const struct flow_key *key, uint32_t hash)
{
    struct candidate_flow *flow;
    int agreeing;

    if (!candidates->flows)
        candidates->flows = calloc((size_t)SETS * WAYS, sizeof(*candidates->flows));
    if (!candidates->flows) {
        candidates->count(candidates->context, record, 0);
        return;
    }
    flow = find_or_add(candidates, key, hash);
    flow->used = ++candidates->clock;
    agreeing = flow->is_confirmed ? 0 : count_agreeing(flow, record);
    if (agreeing + 1 >= AGREEING_MIN) {
        flow->is_confirmed = 1;
        count_held(candidates, flow);
    }
    if (flow->is_confirmed || agreeing < 0)
        candidates->count(candidates->context, record, (int)flow->is_confirmed);
    else
        hold(candidates, flow, record);
}

void candidates_expire(struct candidates *candidates, uint64_t before_ns)
{
    struct candidate_flow *flow = candidates->flows;

    for (size_t i = 0; i < (size_t)SETS * WAYS && candidates->waiting; i++, flow++)
        if (flow->held_count && flow->held[flow->held_count - 1].timestamp_ns < before_ns)
            count_held(candidates, flow);
}

void candidates_shift_time(struct candidates *candidates, int64_t step_ns)
{
    struct candidate_flow *flow = candidates->flows;

    for (size_t i = 0; i < (size_t)SETS * WAYS && candidates->waiting; i++, flow++)
        for (uint32_t at = 0; at < flow->held_count; at++)
            flow->held[at].timestamp_ns = shift_time(flow->held[at].timestamp_ns, step_ns);
}
