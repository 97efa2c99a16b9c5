// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The live sensor in the kernel: thin hooks around the shared classifier. Every frame is counted in
 * `counters`; the record of a frame of a tracked protocol goes to user space. Every packet passes
 * unchanged.
 */
#include "vmlinux.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "classify/classify.h"
#include "classify/segments.h"
#include "deliver.bpf.h"
#include "selection.h"

#define TC_NEXT (-1) /* TCX_NEXT and TC_ACT_UNSPEC: the next program decides */

/* Octets made readable when headers are not; longer headers count as truncated. */
#define PULLED_MAX 512

#if defined(WITHOUT_KFUNCS)
#define bpf_xdp_metadata_rx_timestamp(ctx, timestamp) (-1)
#define bpf_cast_to_kern_ctx                          ((void *(*)(void *))0)
#else
extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, __u64 *timestamp) __ksym __weak;
extern void *bpf_cast_to_kern_ctx(void *ctx) __ksym __weak;
#endif

/* This processor's scratch memory. It is never NULL, but the verifier wants a check. */
static __always_inline struct scratch *find_scratch(void)
{
    __u32 only = 0;

    return bpf_map_lookup_elem(&scratch, &only);
}

/* What was set before load. The compiler must not take it for its initial value; as `volatile`, all
 * of it would be read for each frame. */
static __always_inline const struct classifier *chosen(void)
{
    const struct classifier *set = (const struct classifier *)&classifier;

    FORGET(set);
    return set;
}

/* The link that was set. Interfaces have these two: the compiler leaves out the others. */
static __always_inline enum link_type chosen_link(void)
{
    return classifier.link == LINK_RAW_IP ? LINK_RAW_IP : LINK_ETHERNET;
}

/* Counts the frame of RECORD in the counter of OUTCOME. */
static __always_inline void count(enum outcome outcome, const struct frame_record *record)
{
    __u32 only = 0, at = outcome;
    struct counter *counter = bpf_map_lookup_elem(&counters, &only);

    FORGET(at); /* the compiler would check one register and use another */
    if (counter && at < OUTCOME_COUNT) {
        counter += at;
        counter->packets += record->wire_packets;
        counter->bytes += record->wire_bytes;
    }
}

/* Delivers the mirror's number of the frame of AT, ahead of the frame's own record. Global: it is
 * rare, and verified once. */
__attribute__((noinline)) int deliver_mirror(void)
{
    struct scratch *at = find_scratch();

    if (at) {
        at->walk.mirror.timestamp_ns = at->record.timestamp_ns;
        at->walk.mirror.flags = at->record.flags & RECORD_HARDWARE_TIME;
        deliver(&at->walk.mirror);
        if (workers > 1)
            at->record.key.reserved =
                (__u16)((worker_of(&at->walk.mirror.key, 0) + 1) << RESERVED_WORKER_BITS);
    }
    return 0;
}

/* Whether the frame of RECORD exceeds the limit max_frames. */
static __always_inline int is_beyond_limit(const struct frame_record *record)
{
    return max_frames &&
           __sync_fetch_and_add(&state.limited_frames, record->wire_packets) >= max_frames;
}

/* --- XDP --- */

/* Octets of the frame of CTX, of which FIRST are in its first buffer. Reading the kernel's own
 * structure spares a helper call for frames in a single buffer, which most are. */
static __always_inline __u32 frame_bytes(struct xdp_md *ctx, __u32 first)
{
    if (bpf_cast_to_kern_ctx) {
        const struct xdp_buff *buffer = bpf_cast_to_kern_ctx(ctx);

        if (!(buffer->flags & XDP_FLAGS_HAS_FRAGS))
            return first;
    }
    return (__u32)bpf_xdp_get_buff_len(ctx);
}

/* One step into a tunnel. Global, so that the verifier proves it once. */
__attribute__((noinline)) int look_inside_xdp(struct xdp_md *ctx)
{
    const __u8 *data = (const __u8 *)(long)ctx->data;
    const __u8 *end = (const __u8 *)(long)ctx->data_end;
    struct scratch *at = find_scratch();

    return at ? (int)classify_inside(chosen(), data, end, &at->walk, &at->record) : OUTCOME_NONE;
}

/* Global, as it is rare: verified once. */
__attribute__((noinline)) int deliver_further_xdp(struct xdp_md *ctx)
{
    struct scratch *at = find_scratch();

    if (at)
        deliver_and_read(
            at, bpf_xdp_load_bytes(ctx, at->walk.position.offset, at->header, DTLS_HEADER_BYTES));
    return 0;
}

/* Handles one frame. HARDWARE_NS is the NIC's timestamp, or 0. */
static __always_inline int watch_xdp(struct xdp_md *ctx, __u64 hardware_ns)
{
    const __u8 *data = (const __u8 *)(long)ctx->data;
    const __u8 *end = (const __u8 *)(long)ctx->data_end;
    __u32 wire_bytes = frame_bytes(ctx, (__u32)(end - data));
    struct scratch *at = find_scratch();
    enum outcome outcome;
    int is_tracked;

    if (!at)
        return XDP_PASS;
    outcome = classify_outermost(chosen(), chosen_link(), data, end, wire_bytes, 0, &at->walk,
                                 &at->record);
    UNROLLED
    for (int steps = 0; steps < INSIDE_STEPS_MAX && at->walk.inside; steps++)
        outcome = (enum outcome)look_inside_xdp(ctx);
    if (is_beyond_limit(&at->record))
        return XDP_PASS;
    count(outcome, &at->record);
    is_tracked = is_selected(&at->record, outcome, classifier.protocols);
    if (!is_tracked && !at->walk.has_mirror)
        return XDP_PASS;
    if (hardware_ns) {
        at->record.timestamp_ns = hardware_ns;
        at->record.flags |= RECORD_HARDWARE_TIME;
    } else {
        at->record.timestamp_ns = bpf_ktime_get_ns();
    }
    if (at->walk.has_mirror)
        deliver_mirror();
    if (!is_tracked)
        return XDP_PASS;
    UNROLLED
    for (int i = 1; i < DTLS_RECORDS_MAX && dtls_goes_on(&at->walk, &at->record); i++)
        deliver_further_xdp(ctx);
    deliver_last(at);
    return XDP_PASS;
}

SEC("xdp.frags")
int gapwatch_xdp(struct xdp_md *ctx)
{
    return watch_xdp(ctx, 0);
}

/* For drivers that give hardware timestamps. It has to be loaded for one device. */
SEC("?xdp.frags")
int gapwatch_xdp_hw(struct xdp_md *ctx)
{
    __u64 hardware_ns = 0;

    if (bpf_xdp_metadata_rx_timestamp(ctx, &hardware_ns) != 0)
        hardware_ns = 0;
    if (hardware_ns)
        __sync_fetch_and_add(&state.hardware_timestamps, 1);
    return watch_xdp(ctx, hardware_ns);
}

/* --- TC --- */

/* As for XDP. */
__attribute__((noinline)) int look_inside_tc(struct __sk_buff *skb)
{
    const __u8 *data = (const __u8 *)(long)skb->data;
    const __u8 *end = (const __u8 *)(long)skb->data_end;
    struct scratch *at = find_scratch();

    return at ? (int)classify_inside(chosen(), data, end, &at->walk, &at->record) : OUTCOME_NONE;
}

/* Classifies the frame of SKB into the scratch memory AT. Returns its outcome. */
static __always_inline enum outcome classify_tc(struct __sk_buff *skb, struct scratch *at)
{
    const __u8 *data = (const __u8 *)(long)skb->data;
    const __u8 *end = (const __u8 *)(long)skb->data_end;
    __u32 stripped = skb->vlan_present ? VLAN_STRIPPED | skb->vlan_tci : 0;
    enum outcome outcome = classify_outermost(chosen(), chosen_link(), data, end, skb->len,
                                              stripped, &at->walk, &at->record);

    UNROLLED
    for (int steps = 0; steps < INSIDE_STEPS_MAX && at->walk.inside; steps++)
        outcome = (enum outcome)look_inside_tc(skb);
    if (skb->gso_size)
        count_segments(data, end, skb->gso_size, skb->gso_segs, &at->walk, &at->record);
    return outcome;
}

/* Classifies again after moving headers into the part of the packet that programs can read
 * directly. Global, as it is rare: verified once. */
__attribute__((noinline)) int classify_tc_whole(struct __sk_buff *skb)
{
    struct scratch *at = find_scratch();

    bpf_skb_pull_data(skb, skb->len < PULLED_MAX ? skb->len : PULLED_MAX);
    return at ? (int)classify_tc(skb, at) : OUTCOME_NONE;
}

/* Whether to classify the frame of AT again, because classify_tc() could not read all of its
 * headers. Many datagrams have headers only in the part that programs can read directly. */
static __always_inline int is_worth_pulling(struct __sk_buff *skb, struct scratch *at)
{
    if (at->walk.is_cut != CUT_FORM)
        return 1;
    return bpf_skb_load_bytes(skb, at->walk.transport + UDP_HEADER_BYTES, at->header, FORM_BYTES) ==
               0 &&
           has_form(load_be32(at->header));
}

/* Adds the segment in the scratch memory to the run where its number goes on from it; else that is
 * delivered, and another begins. Global: verified once. */
__attribute__((noinline)) int take_segment(void)
{
    struct scratch *at = find_scratch();
    struct frame_record *run;

    if (!at)
        return 0;
    run = &at->run;
    if (run->wire_packets && segment_goes_on(run, &at->segment))
        return 0;
    if (run->wire_packets)
        deliver(run);
    segment_begin_run(run, &at->record, &at->segment);
    return 0;
}

/* Octets of headers that a segment had on the wire, when the payload starts at FIRST. */
static __always_inline __u32 headers_before(struct __sk_buff *skb, __u32 first)
{
    return first + (skb->vlan_present ? VLAN_TAG_BYTES : 0);
}

/* Reads segment NUMBER of the merged frame of WHOLE, whose payload starts at FIRST, by way of
 * HEADER of SEGMENT_HEADER_BYTES_MAX. Returns 0, or -1 when there is no such segment. */
static __always_inline int read_segment(struct __sk_buff *skb, const struct frame_record *whole,
                                        __u32 first, __u32 number, __u8 *header,
                                        struct segment *segment)
{
    __u32 at = first + number * skb->gso_size;
    __u32 left = skb->len - at;
    __u32 rest = whole->wire_packets - number;
    __u32 protocol = whole->key.protocol;

    if (number >= whole->wire_packets ||
        bpf_skb_load_bytes(skb, at, header, segment_header_octets(protocol)) < 0)
        return -1;
    segment->packets = number < SEGMENTS_READ_MAX ? 1 : rest;
    if (segment->packets == 1 && left > skb->gso_size)
        left = skb->gso_size;
    segment_read(header, left, protocol, segment);
    segment->bytes = left + segment->packets * headers_before(skb, first);
    return 0;
}

/* Takes what is left from segment NUMBER on, which is too short for the protocol. */
static __always_inline void take_rest(struct __sk_buff *skb, const struct frame_record *whole,
                                      __u32 first, __u32 number, struct segment *segment)
{
    segment->packets = whole->wire_packets - number;
    segment->is_other = 1;
    segment->bytes =
        skb->len - (first + number * skb->gso_size) + segment->packets * headers_before(skb, first);
    take_segment();
}

/* Delivers each segment of the merged frame in the scratch memory with its own number. */
__attribute__((noinline)) int deliver_segments(struct __sk_buff *skb)
{
    struct scratch *at = find_scratch();
    __u32 first, number;

    if (!at)
        return 0;
    first = segments_offset(&at->walk);
    at->run.wire_packets = 0;
    for (number = 0; number <= SEGMENTS_READ_MAX; number++) {
        if (read_segment(skb, &at->record, first, number, at->header, &at->segment) < 0)
            break;
        take_segment();
    }
    if (number <= SEGMENTS_READ_MAX && number < at->record.wire_packets)
        take_rest(skb, &at->record, first, number, &at->segment);
    if (at->run.wire_packets)
        deliver(&at->run);
    return 0;
}

/* As for XDP. */
__attribute__((noinline)) int deliver_further_tc(struct __sk_buff *skb)
{
    struct scratch *at = find_scratch();

    if (at)
        deliver_and_read(
            at, bpf_skb_load_bytes(skb, at->walk.position.offset, at->header, DTLS_HEADER_BYTES));
    return 0;
}

/* The TC hook, for both directions. */
SEC("tc")
int gapwatch_tc(struct __sk_buff *skb)
{
    struct scratch *at = find_scratch();
    enum outcome outcome;
    int is_tracked;

    if (!at)
        return TC_NEXT;
    outcome = classify_tc(skb, at);
    if (outcome == OUTCOME_TRUNCATED || (at->walk.is_cut && is_worth_pulling(skb, at)))
        outcome = (enum outcome)classify_tc_whole(skb);
    if (is_beyond_limit(&at->record))
        return TC_NEXT;
    count(outcome, &at->record);
    is_tracked = is_selected(&at->record, outcome, classifier.protocols);
    if (!is_tracked && !at->walk.has_mirror)
        return TC_NEXT;
    at->record.timestamp_ns = bpf_ktime_get_ns();
    if (at->walk.has_mirror)
        deliver_mirror();
    if (at->record.flags & RECORD_MERGED && has_readable_segments(&at->walk, &at->record)) {
        deliver_segments(skb);
        return TC_NEXT;
    }
    if (!is_tracked)
        return TC_NEXT;
    UNROLLED
    for (int i = 1; i < DTLS_RECORDS_MAX && dtls_goes_on(&at->walk, &at->record); i++)
        deliver_further_tc(skb);
    deliver_last(at);
    return TC_NEXT;
}

/* --- missed frames of silent flows --- */

/* Looks the flow up again (in hand_over()), because kernels before 6.3 allow no lock on a value
 * that a map walk passes. */
static long hand_over_flow(struct bpf_map *map, const struct flow_key *key,
                           struct missed_flow *flow, void *context)
{
    struct flow_key name = *key;

    (void)map, (void)context;
    if (!flow->frames.packets && flow->oldest == flow->number)
        return 0;
    make_name_of_sa(&name, name.reserved & RESERVED_CANDIDATE ? flow->frames.ports : 0);
    if (hand_over(&name) < 0)
        return 0;
    name = *key; /* of a flow: its entries are behind those of its SA */
    hand_over(&name);
    return 0;
}

/* Run by user space when the ring has room again: hands over missed frames of flows that send no
 * more frames. */
SEC("tc")
int gapwatch_hand_over(struct __sk_buff *skb)
{
    (void)skb;
    bpf_for_each_map_elem(&missed, hand_over_flow, 0, 0);
    return TC_NEXT;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
