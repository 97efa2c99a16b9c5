/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Delivers a record to user space: into the ring, or into the map of missed frames when the ring is
 * full.
 *
 * The missed frames of a flow enter the ring ahead of the flow's next record, so that user space
 * reads each flow in the order of arrival. Records do not wake up the reader: a wake-up for each
 * would halve the rate at which the host can receive.
 */
#ifndef GAPWATCH_BPF_DELIVER_H
#define GAPWATCH_BPF_DELIVER_H

#include "maps.bpf.h"
#include "missed.h"
#include "numbered.h"
#include "peer_moves.h"
#include "protocol/dtls.h"

/* TCP and UDP may fill three quarters of the ring; the last quarter is left to numbered protocols.
 * */
#define PLAIN_SHARE(bytes) ((bytes) / 4 * 3)

/* At most this many full entries are handed over ahead of one record, to bound the time a frame
 * takes. */
#define HANDED_OVER_AT_ONCE 4

#define EEXIST 17

/* Whether one of the ports of KEY is the usual one of a protocol whose peers may change theirs. */
static __always_inline int is_usual_port(const struct flow_key *key)
{
    return key->source_port == WIREGUARD_USUAL_PORT ||
           key->destination_port == WIREGUARD_USUAL_PORT || key->source_port == OPENVPN_PORT ||
           key->destination_port == OPENVPN_PORT;
}

/* Whether flows on PORTS go to a worker by their destination only. */
static __always_inline int is_shared_by_address(__u32 ports)
{
    const struct esp_ports *esp_ports = (const struct esp_ports *)&classifier.esp_ports;
    struct flow_key key = {.ports = ports};

    return esp_ports->any || is_protocol_port(&key) || is_usual_port(&key) ||
           is_esp_port(esp_ports, key.source_port, key.destination_port);
}

/*
 * Decides which worker gets a flow: the same value means the same worker. Flows not over IP use
 * what identifies them (MACsec: the SCI); flows over IP use the destination and the identifier or
 * the ports, which stay the same when the sender changes its address. A UDP flow and the flow of
 * another protocol that is found in it reach the same worker: they use the destination and the
 * ports, or on the ports of such a protocol, where an SA may change ports, the destination only.
 * CANDIDATE_PORTS are those of a frame that may belong to another protocol, else 0.
 */
static __always_inline __u64 share_of(const struct flow_key *key, __u32 candidate_ports)
{
    const __u32 *destination = (const __u32 *)key->destination;
    __u64 address = destination[0] ^ destination[1] ^ destination[2] ^ destination[3];

    if (!key->family)
        return key->sci ^ key->identifier;
    if (key->protocol == OUTCOME_UDP)
        candidate_ports = key->ports;
    if (candidate_ports)
        return is_shared_by_address(candidate_ports) ? address : address ^ candidate_ports;
    return address ^ key->identifier ^ (has_ports(key->protocol) ? key->ports : 0);
}

/* The worker that the flow of KEY belongs to. */
static __always_inline __u32 worker_of(const struct flow_key *key, __u32 candidate_ports)
{
    return (__u32)((share_of(key, candidate_ports) * 0x9E3779B97F4A7C15ull >> 32) % workers);
}

/* Losses of a mirror concern the flows that it brings, so the frames of these flows go to the
 * mirror's worker. In keys of records and of missed frames in the kernel, the upper bits of
 * `reserved` are that worker's number plus 1, or 0. The lowest bit is 1 for missed candidates. */
#define RESERVED_CANDIDATE   1
#define RESERVED_WORKER_BITS 1

/* The ring of the worker that gets the frames of KEY, or NULL. */
static __always_inline void *ring_of(const struct flow_key *key, __u32 candidate_ports)
{
    __u32 worker = key->reserved >> RESERVED_WORKER_BITS;

    if (workers <= 1)
        return &events;
    worker = worker ? worker - 1 : worker_of(key, candidate_ports);
    return bpf_map_lookup_elem(&worker_events, &worker);
}

/* Whether RING has room for a record of the flow of KEY. */
static __always_inline int has_room(void *ring, const struct flow_key *key)
{
    return is_numbered(key) || bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) < PLAIN_SHARE(ring_bytes);
}

/* Where several senders use one SA, each of their frames would need an entry. After this many turns
 * between flows each of them has entries of its own. */
#define TURNS_MAX 16

/* Makes the key under which the map `missed` has the frames of RECORD's flow alone. Candidates have
 * an entry apart from frames that are certain to belong to the flow. */
static __always_inline void make_flow_name(struct flow_key *name, const struct frame_record *record)
{
    *name = record->key;
    if (record->flags & RECORD_CANDIDATE)
        name->reserved |= RESERVED_CANDIDATE;
}

/* Makes NAME, that of a flow, the one of its SA, if a peer may move. It has the frames of one
 * worker only. CANDIDATE_PORTS are as for share_of(). */
static __always_inline void make_name_of_sa(struct flow_key *name, __u32 candidate_ports)
{
    if (!peer_may_move(name))
        return;
    if (workers > 1 && !(name->reserved >> RESERVED_WORKER_BITS))
        name->reserved |= (__u16)((worker_of(name, candidate_ports) + 1) << RESERVED_WORKER_BITS);
    missed_leave_out(name);
}

/* Makes the key under which the map `missed` has the frames of RECORD's SA, or else of its flow. */
static __always_inline void make_name(struct flow_key *name, const struct frame_record *record)
{
    make_flow_name(name, record);
    make_name_of_sa(name, record->flags & RECORD_CANDIDATE ? record->ports : 0);
}

/* Makes the key under which the map `missed_full` has entry NUMBER of the flow. */
static __always_inline void make_missed_key(struct missed_key *key, const struct flow_key *flow,
                                            __u32 number)
{
    key->flow = *flow;
    key->number = number;
}

/* Adds an empty value for the flow of RECORD to `missed`. Returns it, or NULL when the map
 * is full. */
static __always_inline struct missed_flow *add_missed_flow(const struct flow_key *name,
                                                           const struct frame_record *record)
{
    int is_plain = !is_numbered(name);
    __u32 only = 0;
    struct missed_new *fresh = bpf_map_lookup_elem(&missed_new, &only);

    if (!fresh || (is_plain && state.missed_plain_flows >= MISSED_PLAIN_FLOWS_MAX))
        return 0;
    missed_clear(&((struct missed_flow *)fresh)->frames, record);
    if (bpf_map_update_elem(&missed, name, fresh, BPF_NOEXIST) == 0 && is_plain)
        __sync_fetch_and_add(&state.missed_plain_flows, 1);
    return bpf_map_lookup_elem(&missed, name);
}

/* Adds RECORD to the entry of FLOW. Returns 0, or -1 when the entry is full; it is then marked to
 * move. */
static __always_inline int extend(struct missed_flow *flow, const struct frame_record *record)
{
    int was_empty, status = -1;

    bpf_spin_lock(&flow->lock);
    was_empty = flow->frames.packets == 0;
    if (!flow->is_moving)
        status = missed_add(&flow->frames, record);
    if (status < 0 && !flow->is_moving) {
        flow->is_moving = 1;
        flow->turns += !missed_is_of(&flow->frames, &record->key);
    }
    bpf_spin_unlock(&flow->lock);
    if (status == 0 && was_empty)
        __sync_fetch_and_add(&state.missed_waiting, 1);
    return status;
}

/* Empties the entry. The caller holds the lock. */
static __always_inline void begin_anew(struct missed_flow *flow)
{
    flow->frames.packets = 0;
    flow->frames.bytes = 0;
    flow->frames.run_count = 0;
}

/* Moves the full entry of FLOW to `missed_full`. The entry does not change meanwhile, so two
 * processors that do this at once store the same. Returns 0, or -1 when there is no room. */
static __always_inline int move_full(struct missed_flow *flow, const struct flow_key *name)
{
    __u32 number = flow->number;
    int has_moved, is_there;
    struct missed_key key;
    long status;

    make_missed_key(&key, name, number);
    status = bpf_map_update_elem(&missed_full, &key, &flow->frames, BPF_NOEXIST);
    is_there = status == 0 || status == -EEXIST;
    bpf_spin_lock(&flow->lock);
    if (flow->is_moving && flow->number == number) {
        flow->is_moving = 0;
        if (is_there) {
            flow->number++;
            begin_anew(flow);
        }
    }
    has_moved = flow->number != number;
    bpf_spin_unlock(&flow->lock);
    if (has_moved)
        return 0;
    if (status == 0)
        bpf_map_delete_elem(&missed_full, &key);
    return -1;
}

/* The value of `missed` for NAME, which is added if necessary; NULL: the map is full. */
static __always_inline struct missed_flow *find_or_add(const struct flow_key *name,
                                                       const struct frame_record *record)
{
    struct missed_flow *flow = bpf_map_lookup_elem(&missed, name);

    return flow ? flow : add_missed_flow(name, record);
}

/* Keeps the frame of RECORD, which found no room in the ring, in `missed`. Global:
 * verified once. */
__attribute__((noinline)) int miss(const struct frame_record *record)
{
    struct missed_flow *flow;
    struct flow_key name; /* on the stack, because kernels before 6.2 accept map keys only there */

    if (!record || record->key.protocol == PROTOCOL_MKA)
        return 0; /* the next PDU repeats it */
    make_name(&name, record);
    flow = find_or_add(&name, record);
    if (flow && flow->turns >= TURNS_MAX) {
        if (!flow->frames.packets)
            flow->frames.last_ns = record->timestamp_ns; /* user space keeps it for that long */
        make_flow_name(&name, record);
        flow = find_or_add(&name, record);
    }
    if (flow &&
        (extend(flow, record) == 0 || (move_full(flow, &name) == 0 && extend(flow, record) == 0)))
        __sync_fetch_and_add(&state.missed_frames, record->wire_packets);
    else if (is_numbered(&record->key))
        __sync_fetch_and_add(&state.uncounted_numbered, record->wire_packets);
    else
        __sync_fetch_and_add(&state.uncounted_plain, record->wire_packets);
    return 0;
}

/*
 * Hands over the oldest full entry of FLOW, which has one. Returns 0, or -1 when the ring has no
 * room. The slot in the ring is reserved before the entry is deleted, so that a processor that
 * finds the entry gone writes its own record behind it.
 */
static __always_inline int hand_over_full(struct missed_flow *flow, const struct flow_key *name,
                                          void *ring)
{
    __u32 number = flow->oldest;
    struct missed_frames *entry, *slot;
    struct missed_key key;
    int is_ours = 0;

    make_missed_key(&key, name, number);
    entry = bpf_map_lookup_elem(&missed_full, &key);
    if (!entry)
        return 0; /* another processor has handed it over */
    slot = bpf_ringbuf_reserve(ring, sizeof(*slot), 0);
    if (!slot)
        return -1;
    bpf_spin_lock(&flow->lock);
    if (flow->oldest == number && number != flow->number) {
        flow->oldest++;
        is_ours = 1;
    }
    bpf_spin_unlock(&flow->lock);
    if (!is_ours) {
        bpf_ringbuf_discard(slot, BPF_RB_NO_WAKEUP);
        return 0;
    }
    *slot = *entry;
    bpf_ringbuf_submit(slot, BPF_RB_NO_WAKEUP);
    bpf_map_delete_elem(&missed_full, &key);
    __sync_fetch_and_sub(&state.missed_waiting, 1);
    return 0;
}

/* Hands over the entry that is being filled in FLOW, if it has at most MOST runs. BYTES is the size
 * of an entry with MOST runs. Returns 0, or -1 when it could not. */
static __always_inline int hand_over_growing(struct missed_flow *flow, void *ring, __u32 most,
                                             const __u64 bytes)
{
    struct missed_frames *slot = bpf_ringbuf_reserve(ring, bytes, 0);
    int is_empty, is_ours;

    if (!slot)
        return -1;
    bpf_spin_lock(&flow->lock);
    is_empty = flow->frames.packets == 0;
    is_ours = !is_empty && !flow->is_moving && flow->frames.run_count <= most;
    if (is_ours) {
        __builtin_memcpy(slot, &flow->frames, bytes);
        begin_anew(flow);
    }
    bpf_spin_unlock(&flow->lock);
    if (!is_ours) {
        bpf_ringbuf_discard(slot, BPF_RB_NO_WAKEUP);
        return is_empty ? 0 : -1;
    }
    bpf_ringbuf_submit(slot, BPF_RB_NO_WAKEUP);
    __sync_fetch_and_sub(&state.missed_waiting, 1);
    return 0;
}

/* Hands over all missed frames that `missed` has under the key OF. Returns 0, or -1 when some are
 * left, because the ring has no room or there are too many for one frame. Global: verified once. */
__attribute__((noinline)) int hand_over(const struct flow_key *of)
{
    struct missed_flow *flow;
    struct flow_key name;
    void *ring;

    if (!of)
        return -1;
    name = *of;
    flow = bpf_map_lookup_elem(&missed, &name);
    if (!flow)
        return 0;
    ring = ring_of(&name, name.reserved & RESERVED_CANDIDATE ? flow->frames.ports : 0);
    if (!ring || !has_room(ring, &name))
        return -1;
    UNROLLED
    for (int i = 0; i < HANDED_OVER_AT_ONCE; i++)
        if (flow->oldest != flow->number && hand_over_full(flow, &name, ring) < 0)
            return -1;
    if (flow->oldest != flow->number)
        return -1;
    if (!flow->frames.packets)
        return 0;
    if (flow->frames.run_count <= MISSED_RUNS_FEW)
        return hand_over_growing(flow, ring, MISSED_RUNS_FEW, MISSED_BYTES_FEW);
    return hand_over_growing(flow, ring, MISSED_RUNS_MAX, sizeof(flow->frames));
}

/* Puts RECORD into RING. Returns 0, or -1 when there is no room. Reserve and submit take 10 ns less
 * than bpf_ringbuf_output(), which calls a copy function. */
static __always_inline int put(void *ring, const struct frame_record *record)
{
    struct frame_record *slot = bpf_ringbuf_reserve(ring, sizeof(*slot), 0);

    if (!slot)
        return -1;
    *slot = *record;
    bpf_ringbuf_submit(slot, BPF_RB_NO_WAKEUP);
    return 0;
}

/* Hands over the missed frames of the SA and of the flow of RECORD. Returns as hand_over() does.
 * Global: it is rare, and verified once. */
__attribute__((noinline)) int hand_over_before(const struct frame_record *record)
{
    const struct missed_flow *flow;
    struct flow_key name;

    if (!record || record->key.protocol == PROTOCOL_MKA)
        return 0;
    make_name(&name, record);
    if (hand_over(&name) < 0)
        return -1;
    if (!peer_may_move(&record->key))
        return 0;
    flow = bpf_map_lookup_elem(&missed, &name);
    if (!flow || flow->turns < TURNS_MAX)
        return 0;
    make_flow_name(&name, record);
    return hand_over(&name);
}

/* Puts RECORD into the ring of its worker, or counts its frame as missed. */
static __always_inline void deliver(const struct frame_record *record)
{
    void *ring = ring_of(&record->key, record->flags & RECORD_CANDIDATE ? record->ports : 0);

    if (ring && has_room(ring, &record->key) &&
        (!state.missed_waiting || hand_over_before(record) == 0) && put(ring, record) == 0)
        return;
    miss(record);
}

/* Delivers the DTLS record in the scratch memory AT, and reads the next one of its datagram in its
 * place. STATUS is the result of loading the next one's header. When there is no next one, delivers
 * nothing: the record in AT is then the last one. */
static __always_inline void deliver_and_read(struct scratch *at, long status)
{
    if (status < 0)
        dtls_note_unread(&at->record);
    if (status < 0 || !dtls_length(at->header, at->walk.position.left)) {
        at->walk.position.left = 0;
        return;
    }
    deliver(&at->record);
    dtls_read_further(at->header, &at->walk.position, &at->record);
}

/* Delivers the record in the scratch memory AT, the last one of its frame that is read. */
static __always_inline void deliver_last(struct scratch *at)
{
    if (dtls_goes_on(&at->walk, &at->record))
        dtls_note_unread(&at->record);
    deliver(&at->record);
}

#endif
