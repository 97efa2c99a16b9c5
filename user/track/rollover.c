/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/rollover.h"

#include "track/sequence/position.h"
#include "track/sequence/upper.h"

/* A channel that is silent for this many times its longest pause has stopped. */
#define LONGEST_PAUSES 10

/* The flow of CHANNEL, or NULL. */
static struct flow *flow_of(struct tracker *tracker, const struct mka_channel *channel)
{
    struct flow_key key = mka_flow_key(channel);
    uint32_t handle =
        flow_table_find(&tracker->table, &key, flow_table_hash(&tracker->table, &key));

    return handle == POOL_NONE ? NULL : flow_table_at(&tracker->table, handle);
}

/* The AN of the numbers that FLOW is at. */
static uint8_t association_of(const struct tracker *tracker, const struct flow *flow)
{
    if (flow->position == POOL_NONE)
        return flow->association;
    return position_at(&tracker->sequencer, flow->position)->association;
}

static void tell_failure(struct tracker *tracker, struct mka_channel *channel, uint64_t now_ns)
{
    struct track_event event = {
        .timestamp_ns = now_ns,
        .key = mka_flow_key(channel),
        .kind = EVENT_ROLLOVER_FAILED,
        .association = channel->pending_an,
    };

    if (tracker->sequencer.new_events)
        event_log_add(tracker->sequencer.new_events, &event);
    mka_settle(&tracker->mka, channel);
    channel->has_failed = 1;
}

/* Called when a key was distributed for CHANNEL, which has FLOW. */
static void await(struct tracker *tracker, struct mka_channel *channel, const struct flow *flow,
                  const struct mka_record *said)
{
    mka_settle(&tracker->mka, channel);
    channel->pending_key = said->distributed_key;
    channel->pending_an = said->distributed;
    channel->has_failed = 0;
    channel->old_an = association_of(tracker, flow);
    if (channel->old_an == channel->pending_an)
        return; /* the key is in use, or the same AN is used again; these cannot be distinguished */
    channel->pending_ns = said->timestamp_ns;
    channel->frame_ns = flow->timing.last_ns;
    channel->highest = (uint32_t)sequence_last(&tracker->sequencer, flow);
    tracker->mka.pending++;
}

/* Whether FLOW must have stopped, by the time without frames since a key was distributed for
 * CHANNEL. */
static int has_stopped(const struct mka_channel *channel, const struct flow *flow, uint64_t now_ns)
{
    uint64_t last_ns = flow->timing.last_ns;
    uint64_t pause_ns = now_ns > last_ns ? now_ns - last_ns : 0;

    return now_ns > channel->pending_ns + MKA_LIFE_NS && pause_ns > MKA_LIFE_NS &&
           pause_ns / LONGEST_PAUSES > flow->timing.max_ns &&
           channel->frame_ns + MKA_LIFE_NS > channel->pending_ns;
}

/* Extends the numbers of CHANNEL, if MKA gives their upper half. */
static void extend(struct tracker *tracker, const struct mka_channel *channel)
{
    const struct mka_record *said = &channel->said;
    struct flow *flow = NULL;

    if (said->says & MKA_HAS_USE && said->lowest_pn >> 32 && mka_is_xpn(said))
        flow = flow_of(tracker, channel);
    if (flow && sequence_set_upper(&tracker->sequencer, flow, mka_an_in_use(said), said->lowest_pn))
        flow_table_touch(&tracker->table,
                         flow_table_find(&tracker->table, &flow->key,
                                         flow_table_hash(&tracker->table, &flow->key)));
}

void rollover_extend(struct tracker *tracker)
{
    for (uint32_t i = 0; i < tracker->mka.count; i++)
        extend(tracker, &tracker->mka.channels[i]);
}

void rollover_receive(struct tracker *tracker, const struct mka_record *said)
{
    struct mka_channel *own = mka_receive(&tracker->mka, said);

    if (!own)
        return;
    extend(tracker, own);
    for (uint32_t i = 0; i < tracker->mka.count; i++) {
        struct mka_channel *channel = &tracker->mka.channels[i];
        struct flow *flow = NULL;

        if (said->suite && mka_is_member(channel, said))
            channel->said.suite = said->suite; /* only the key server sends it */
        if (mka_is_member(channel, said) && mka_is_new_key(channel, said) &&
            (flow = flow_of(tracker, channel)))
            await(tracker, channel, flow, said);
        if (channel->pending_ns && (flow || (flow = flow_of(tracker, channel))) &&
            has_stopped(channel, flow, said->timestamp_ns))
            tell_failure(tracker, channel, said->timestamp_ns);
    }
}

void rollover_watch(struct tracker *tracker, const struct flow *flow,
                    const struct frame_record *record)
{
    struct mka_channel *channel = mka_find(&tracker->mka, flow->key.sci, flow->key.vlans);

    if (!channel || !channel->pending_ns)
        return;
    if (record->association == channel->pending_an)
        mka_settle(&tracker->mka, channel);
    else if (record->timestamp_ns > channel->pending_ns + MKA_LIFE_NS &&
             (int32_t)((uint32_t)record->sequence - channel->highest) > 0)
        tell_failure(tracker, channel, record->timestamp_ns);
}
