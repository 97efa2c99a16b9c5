/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/upper.h"

#include <string.h>

#include "track/sequence/channel.h"
#include "track/sequence/number.h"

/* Adds BASE to the numbers of the gaps in LOG that are of FLOW's SA with GENERATION. */
static void shift_gaps(struct gap_log *log, const struct flow *flow, uint32_t generation,
                       uint64_t base)
{
    for (size_t i = 0; log && i < log->count; i++) {
        struct gap *gap = &log->gaps[i];

        if (gap->generation != generation || memcmp(&gap->key, &flow->key, sizeof(gap->key)) != 0)
            continue;
        gap->first_number += base;
        gap->last_number += base;
    }
}

int sequence_set_upper(struct sequencer *sequencer, struct flow *flow, uint8_t association,
                       uint64_t near)
{
    const struct arrival arrival = {
        .sequencer = sequencer, .flow = flow, .now_ns = flow->timing.last_ns};
    const struct position *position;
    uint64_t shown, base;

    if (flow->position == POOL_NONE)
        return 0;
    position = position_at(sequencer, sequence_settled(sequencer, flow));
    shown = position->highest - position_epoch(sequencer, position);
    base = number_extend(near, shown, position->bits) - shown;
    if (position->association != association || position->distinct < CONFIRM || !base ||
        base >> NUMBER_BITS_MAX || position_upper(sequencer, position) ||
        channel_open(&arrival) < 0)
        return 0;
    position = position_first(sequencer, position);
    stance_at(sequencer, position->stance)->upper = (uint32_t)(base >> position->bits);
    shift_gaps(sequencer->gaps, flow, position->generation, base);
    shift_gaps(sequencer->new_gaps, flow, position->generation, base);
    return 1;
}
