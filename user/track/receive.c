/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/receive.h"

#include "numbered.h"
#include "selection.h"
#include "track/coming.h"
#include "track/flows/rise.h"
#include "track/flows/timing.h"
#include "track/rollover.h"
#include "track/unobserved.h"

/* Adds a flow for RECORD. Returns it, or NULL: no memory. */
static struct flow *add_flow(struct tracker *tracker, const struct frame_record *record,
                             uint32_t hash)
{
    struct flow *flow;
    uint32_t handle;

    handle = flow_table_add(&tracker->table, &record->key, hash);
    if (handle == POOL_NONE) {
        if (flow_table_oldest(&tracker->table) != POOL_NONE)
            tracker_remove_flow(tracker, flow_table_oldest(&tracker->table), 0);
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
static inline void count_frames(struct flow *flow, uint64_t packets, uint64_t bytes,
                                uint64_t first_ns, uint64_t last_ns)
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

static inline int receive_number(struct tracker *tracker, struct flow *flow,
                                 const struct frame_record *record, uint64_t number)
{
    if (sequence_receive(&tracker->sequencer, flow, record->association, number,
                         record->timestamp_ns) < 0)
        return -1;
    if (tracker->changes.sampler.is_on)
        sampler_see(&tracker->changes.sampler, flow, record->association, number,
                    record->timestamp_ns);
    return 0;
}

static inline int receive_numbers(struct tracker *tracker, struct flow *flow,
                                  const struct frame_record *record)
{
    uint32_t count = numbers_of(record);

    for (uint32_t i = 0; i < count; i++)
        if (receive_number(tracker, flow, record, record->sequence + i) < 0)
            return -1;
    return 0;
}

/* Notes in FLOW the sign of ESP in the TCP segment of RECORD (include/classify/esp_in_tcp.h). An
 * octet of a stream may look like an ESP message, so three messages must agree: the same SPI, and
 * numbers near each other. Segments may be reordered. */
static APART void note_esp_in_tcp(struct flow *flow, const struct frame_record *record)
{
    int64_t distance = (int64_t)(record->sequence - flow->esp_message); /* of numbers, if the SPI is
                                                                           the same */
    int is_same_spi = record->sequence >> 32 == flow->esp_message >> 32;

    if (flow->esp_segments >= ESP_SEGMENTS_MIN)
        return;
    if (record->association == ESP_IN_TCP_YES)
        flow->esp_segments = ESP_SEGMENTS_MIN;
    else if (is_same_spi && distance && rise_is_near(distance))
        flow->esp_segments++;
    else if (!is_same_spi || distance)
        flow->esp_segments = 1;
    flow->esp_message = record->sequence;
}

/* Notes in FLOW what the flags of RECORD, which stands for PACKETS, say. */
static APART void note_flags(struct tracker *tracker, struct flow *flow,
                             const struct frame_record *record, uint64_t packets)
{
    if (record->flags & RECORD_MISSED)
        flow->unobserved += packets;
    if (record->flags & RECORD_MERGED)
        flow->merged += packets;
    if (record->flags & RECORD_CANDIDATE)
        tracker->confirmed[record->key.protocol] += record->wire_packets;
}

/* Notes the ports of the datagram around the frame of RECORD, the latest of FLOW, which stands for
 * PACKETS. */
static void note_ports(struct flow *flow, const struct frame_record *record, uint64_t packets)
{
    flow->ports = record->ports;
    if (flow->packets == packets)
        flow->first_ports = record->ports;
}

/* Counts the frame of RECORD, of one of ORIGINS, in FLOW. */
static inline void count_record(struct tracker *tracker, struct flow *flow,
                                const struct frame_record *record, uint32_t origins)
{
    uint64_t packets = record->wire_packets ? record->wire_packets : 1;

    flow->origins |= origins;
    count_frames(flow, packets, record->wire_bytes, record->timestamp_ns, record->timestamp_ns);
    if (record->flags & (RECORD_MISSED | RECORD_CANDIDATE | RECORD_MERGED))
        note_flags(tracker, flow, record, packets);
    if (record->ports)
        note_ports(flow, record, packets);
    if (record->key.protocol == OUTCOME_TCP && record->association != ESP_IN_TCP_NO)
        note_esp_in_tcp(flow, record);
    if (is_numbered(&flow->key) && receive_numbers(tracker, flow, record) < 0)
        tracker->untracked++;
}

/* As count_record(); FLOW, which is new, is NULL when there was no memory for it. */
static void count_first(struct tracker *tracker, struct flow *flow,
                        const struct frame_record *record, uint32_t origins)
{
    if (flow)
        count_record(tracker, flow, record, origins);
    else
        tracker->untracked++;
}

void receive_decided(void *context, const struct frame_record *record, uint32_t origins,
                     int is_confirmed)
{
    struct tracker *tracker = context;
    struct frame_record counted = *record;
    uint32_t hash = flow_table_hash(&tracker->table, &record->key);

    /* Its flow may have come about while it waited, through frames with other ports. */
    if (!is_confirmed && !(record->flags & RECORD_HANDSHAKE) &&
        flow_table_find(&tracker->table, &record->key, hash) != POOL_NONE)
        is_confirmed = 1;
    if (!is_confirmed && !record->wire_packets)
        return; /* its datagram was counted with the first number */
    if (!is_confirmed) {
        counted.key = candidate_udp_key(record);
        counted.flags &= (uint8_t) ~(RECORD_CANDIDATE | RECORD_MERGED);
    }
    if (!(tracker->protocols & PROTOCOL_BIT(counted.key.protocol))) {
        if (is_confirmed)
            tracker->confirmed[counted.key.protocol] += counted.wire_packets;
        return;
    }
    count_first(tracker,
                find_or_add(tracker, &counted, flow_table_hash(&tracker->table, &counted.key)),
                &counted, origins);
}

static void receive_candidate(struct tracker *tracker, const struct frame_record *record,
                              uint32_t origins)
{
    struct flow_table *table = &tracker->table;
    struct flow_key udp = candidate_udp_key(record);
    uint32_t hash = flow_table_hash(table, &udp);
    uint32_t handle = flow_table_find(table, &udp, hash);
    uint64_t packets = handle == POOL_NONE ? 0 : flow_table_at(table, handle)->packets;

    candidates_receive(&tracker->candidates, record, origins, &udp, hash, packets);
}

static void receive_handshake(struct tracker *tracker, const struct frame_record *record)
{
    struct flow_key udp = candidate_udp_key(record);

    candidates_handshake(&tracker->candidates, record, &udp);
}

/* Counts RECORD, of one of ORIGINS, which states that a frame of its flow had a copy, or had none.
 * */
static void note_copy(struct tracker *tracker, const struct frame_record *record, uint32_t hash,
                      uint32_t origins)
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
        flow->origins |= origins;
    if (record->flags & RECORD_COPY)
        flow->copies += record->wire_packets;
    else
        flow->alone += record->wire_packets;
    if (record->flags & RECORD_COPY && record->flags & RECORD_CANDIDATE &&
        flow->key.protocol == record->key.protocol)
        tracker->confirmed[record->key.protocol] += record->wire_packets;
}

/* Notes the IKE exchange that the datagram of RECORD belongs to. Returns 1 when the source passed
 * RECORD on just for this. */
static APART int note_exchange(struct tracker *tracker, const struct frame_record *record)
{
    exchanges_receive(&tracker->exchanges, record);
    return !(tracker->protocols & PROTOCOL_BIT_UDP);
}

/* Receives RECORD, which is no frame of its own. */
static APART void receive_note(struct tracker *tracker, const struct frame_record *record,
                               uint32_t hash, uint32_t origins)
{
    if (record->flags & (RECORD_COPY | RECORD_ALONE))
        note_copy(tracker, record, hash, origins);
    else
        receive_handshake(tracker, record);
}

/* Receives a frame whose flow does not exist yet. */
static APART void receive_new(struct tracker *tracker, const struct frame_record *record,
                              uint32_t hash, uint32_t origins)
{
    if (record->flags & RECORD_CANDIDATE)
        receive_candidate(tracker, record, origins);
    else if (record->key.protocol == PROTOCOL_MIRROR)
        mirrors_receive(&tracker->mirrors, record, &tracker->sequencer.drops[ORIGIN_ALL]);
    else if (record->key.protocol == PROTOCOL_MKA)
        rollover_receive(tracker, (const struct mka_record *)record);
    else
        count_first(tracker, add_flow(tracker, record, hash), record, origins);
}

/* Receives a single frame of one of ORIGINS. Candidates need no agreement when their flow exists.
 */
static inline void receive_frame(struct tracker *tracker, const struct frame_record *record,
                                 uint32_t hash, uint32_t origins)
{
    int is_exchange = record->association && record->key.protocol == OUTCOME_UDP;
    uint32_t handle;

    if (is_exchange && note_exchange(tracker, record))
        return;
    if (record->flags & (RECORD_COPY | RECORD_ALONE | RECORD_HANDSHAKE)) {
        receive_note(tracker, record, hash, origins);
        return;
    }
    handle = flow_table_find(&tracker->table, &record->key, hash);
    if (handle == POOL_NONE) {
        receive_new(tracker, record, hash, origins);
        return;
    }
    flow_table_touch(&tracker->table, handle);
    if (tracker->mka.pending && record->key.protocol == OUTCOME_MACSEC)
        rollover_watch(tracker, flow_table_at(&tracker->table, handle), record);
    count_record(tracker, flow_table_at(&tracker->table, handle), record, origins);
}

static APART void receive_missed_numbers(struct tracker *tracker,
                                         const struct missed_frames *missed, uint32_t hash)
{
    struct frame_record record;
    struct unobserved walk;

    tracker->sequencer.played =
        (struct drop_period){.from_ns = missed->first_ns, .until_ns = missed->last_ns};
    unobserved_begin(&walk, missed);
    while (unobserved_next(&walk, &record))
        receive_frame(tracker, &record, hash, 0);
    tracker->sequencer.played = (struct drop_period){0};
}

/* RECORD stands for the MISSED frames of a flow without numbers. */
static APART void receive_missed_plain(struct tracker *tracker, const struct frame_record *record,
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

static inline void receive_one(struct tracker *tracker, const struct frame_record *record,
                               uint32_t hash, uint32_t origins, const struct missed_frames *missed)
{
    if (!(record->flags & RECORD_MISSED))
        receive_frame(tracker, record, hash, origins);
    else if (is_numbered(&record->key))
        receive_missed_numbers(tracker, &missed[record->missed], hash);
    else
        receive_missed_plain(tracker, record, &missed[record->missed], hash);
}

/* Receives COUNT RECORDS, each of the one of ORIGINS with the same index; NULL: of none. */
static void receive_all(struct tracker *tracker, const struct frame_record *records,
                        const uint8_t *origins, size_t count, const struct missed_frames *missed)
{
    struct coming coming = {0};

    for (size_t i = 0; i < count + COMING_STEPS * COMING_AHEAD; i++) {
        size_t now = i - COMING_STEPS * COMING_AHEAD;

        coming_step(tracker, &coming, records, count, i);
        if (now < count)
            receive_one(tracker, &records[now], coming_hash(&coming, now),
                        origins ? origin_bit(origins[now]) : 0, missed);
    }
}

void tracker_receive(struct tracker *tracker, const struct frame_record *records, size_t count,
                     const struct missed_frames *missed)
{
    receive_all(tracker, records, NULL, count, missed);
}

void tracker_receive_of(struct tracker *tracker, const struct frame_record *records,
                        const uint8_t *origins, size_t count)
{
    receive_all(tracker, records, origins, count, NULL);
}
