/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/prefetch.h"

#include "base/prefetch.h"
#include "track/sequence/channel.h"
#include "track/sequence/receiver.h"

#define STANCE_HOT_BYTES offsetof(struct stance, known_from)

void prefetch_stance(const struct sequencer *sequencer, const struct flow *flow)
{
    uint32_t other = channel_at(sequencer, flow->channel)->others;

    if (position_at(sequencer, flow->position)->stance == POOL_NONE) {
        prefetch_memory(&channel_at(sequencer, flow->channel)->strays, sizeof(struct strays));
        return;
    }
    prefetch_memory(stance_of(sequencer, flow->position), STANCE_HOT_BYTES);
    if (other != POOL_NONE)
        prefetch_memory(position_at(sequencer, other), sizeof(struct position));
}

void prefetch_receiver(const struct sequencer *sequencer, const struct flow *flow)
{
    const struct position *main = position_at(sequencer, flow->position);
    uint32_t other = channel_at(sequencer, flow->channel)->others;
    uint32_t handle;

    if (main->stance == POOL_NONE) {
        prefetch_line(stray_at(sequencer, channel_at(sequencer, flow->channel)->strays.handles[0]));
        return;
    }
    handle = stance_at(sequencer, main->stance)->receiver;
    if (other != POOL_NONE)
        prefetch_memory(stance_of(sequencer, other), STANCE_HOT_BYTES);
    if (handle != POOL_NONE) {
        const struct receiver *receiver = pool_at(&sequencer->receivers, handle);

        prefetch_memory(receiver, offsetof(struct receiver, doubtful[1]));
        prefetch_line(&receiver->seen[(main->highest + 1) % MEMORY_NUMBERS / 64]);
    }
}
