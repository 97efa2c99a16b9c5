/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The way of a record into the ring, and into the map of missed runs where the ring has no room.
 *
 * A run goes into the ring itself, ahead of the next record of its flow: what user space reads of
 * one flow is in the order in which it happened, and each run lies between two records. No wake-up
 * is asked for: one for each record would halve what the host can receive.
 */
#ifndef GAPWATCH_BPF_DELIVER_H
#define GAPWATCH_BPF_DELIVER_H

#include "maps.bpf.h"
#include "missed.h"
#include "numbered.h"

/* TCP and UDP leave the last quarter of the ring to the protocols that number their frames. */
#define PLAIN_SHARE(bytes) ((bytes) / 4 * 3)

/* Whether one of the ports of a UDP flow belongs to a protocol of the table. */
static __always_inline int may_carry(const struct flow_key *key)
{
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, numbered)                           \
    if (udp_port && (key->source_port == udp_port || key->destination_port == udp_port))           \
        return 1;
    PROTOCOL_TABLE(ROW)
#undef ROW
    return 0;
}

/* What workers share out flows by: a channel's SCI; else the destination, with the SPI (a sender
 * that moves goes on with both) or the ports, but for UDP that ESP may share. */
static __always_inline __u64 share_of(const struct flow_key *key)
{
    const __u64 *destination = (const __u64 *)key->destination;

    if (key->protocol == OUTCOME_MACSEC)
        return key->sci;
    if (key->protocol == OUTCOME_UDP && may_carry(key))
        return destination[0] ^ destination[1];
    return destination[0] ^ destination[1] ^ key->spi;
}

/* The ring of the worker to which the flow belongs, or NULL. */
static __always_inline void *ring_of(const struct flow_key *key)
{
    __u32 worker;

    if (workers <= 1)
        return &events;
    worker = (__u32)((share_of(key) * 0x9E3779B97F4A7C15ull >> 32) % workers);
    return bpf_map_lookup_elem(&worker_events, &worker);
}

static __always_inline int has_room(void *ring, const struct flow_key *key)
{
    return is_numbered(key) || bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) < PLAIN_SHARE(ring_bytes);
}

/* The entry of KEY, a new one with an empty run if need be, or NULL: there is no room for it. */
static __always_inline struct missed_value *missed_entry(const struct missed_key *key)
{
    struct missed_value *entry = bpf_map_lookup_elem(&missed, key);
    struct missed_value fresh = {};
    int is_plain = !is_numbered(&key->flow);

    if (entry)
        return entry;
    if (is_plain && state.missed_plain_entries >= MISSED_PLAIN_MAX)
        return 0;
    fresh.run.key = key->flow;
    fresh.run.association = (__u8)key->association;
    if (bpf_map_update_elem(&missed, key, &fresh, BPF_NOEXIST) == 0 && is_plain)
        __sync_fetch_and_add(&state.missed_plain_entries, 1);
    return bpf_map_lookup_elem(&missed, key);
}

static __always_inline void make_missed_key(struct missed_key *key,
                                            const struct frame_record *record)
{
    key->flow = record->key;
    key->association = record->association;
    key->reserved = 0;
}

/* RECORD found no room: its frame becomes part of a missed run. Global: verified once. */
__attribute__((noinline)) int miss(const struct frame_record *record)
{
    struct missed_value *entry;
    struct missed_key key;
    int was_empty;

    if (!record)
        return 0;
    make_missed_key(&key, record);
    entry = missed_entry(&key);
    if (!entry) {
        if (is_numbered(&record->key))
            __sync_fetch_and_add(&state.uncounted_numbered, record->wire_packets);
        else
            __sync_fetch_and_add(&state.uncounted_plain, record->wire_packets);
        return 0;
    }
    bpf_spin_lock(&entry->lock);
    was_empty = entry->run.packets == 0;
    if (was_empty)
        missed_begin(&entry->run, record);
    else
        missed_extend(&entry->run, record);
    bpf_spin_unlock(&entry->lock);
    if (was_empty)
        __sync_fetch_and_add(&state.missed_runs, 1);
    __sync_fetch_and_add(&state.missed_frames, record->wire_packets);
    return 0;
}

/* Hands over the run of ENTRY, if it has one. Returns 0, or -1: the ring has no room. */
static __always_inline int hand_over(struct missed_value *entry)
{
    struct missed_run *slot;
    void *ring;

    if (!entry->run.packets)
        return 0;
    ring = ring_of(&entry->run.key);
    if (!ring || !has_room(ring, &entry->run.key))
        return -1;
    slot = bpf_ringbuf_reserve(ring, sizeof(*slot), 0);
    if (!slot)
        return -1;
    bpf_spin_lock(&entry->lock);
    *slot = entry->run;
    entry->run.packets = 0;
    bpf_spin_unlock(&entry->lock);
    if (!slot->packets) { /* another processor was faster */
        bpf_ringbuf_discard(slot, BPF_RB_NO_WAKEUP);
        return 0;
    }
    bpf_ringbuf_submit(slot, BPF_RB_NO_WAKEUP);
    __sync_fetch_and_sub(&state.missed_runs, 1);
    return 0;
}

/* Hands over the run that comes before RECORD. Returns 0, or -1: the ring has no room. Global. */
__attribute__((noinline)) int hand_over_before(const struct frame_record *record)
{
    struct missed_value *entry;
    struct missed_key key;

    if (!record)
        return -1;
    make_missed_key(&key, record);
    entry = bpf_map_lookup_elem(&missed, &key);
    return entry ? hand_over(entry) : 0;
}

/* Returns 0, or -1: the ring has no room. Reserving and submitting costs 10 ns less than
 * bpf_ringbuf_output(), whose copy is a call. */
static __always_inline int put(void *ring, const struct frame_record *record)
{
    struct frame_record *slot = bpf_ringbuf_reserve(ring, sizeof(*slot), 0);

    if (!slot)
        return -1;
    *slot = *record;
    bpf_ringbuf_submit(slot, BPF_RB_NO_WAKEUP);
    return 0;
}

/* Puts RECORD into the ring, or counts its frame as missed. */
static __always_inline void deliver(const struct frame_record *record)
{
    void *ring = ring_of(&record->key);

    if (ring && has_room(ring, &record->key) &&
        (!state.missed_runs || hand_over_before(record) == 0) && put(ring, record) == 0)
        return;
    miss(record);
}

#endif
