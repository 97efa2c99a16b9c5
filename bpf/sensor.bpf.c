// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The live sensor in the kernel: thin hooks around the shared classifier. Every frame counts in
 * `counters`; those of the followed protocols send their record to user space. Every packet passes,
 * unchanged.
 */
#include "vmlinux.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "classify.h"
#include "deliver.bpf.h"
#include "segments.h"

#define TC_NEXT (-1) /* TCX_NEXT and TC_ACT_UNSPEC: whoever comes behind us decides */

/* As much as the headers in front of a payload take, but for absurd ones. */
#define PULLED_MAX 512

extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, __u64 *timestamp) __ksym __weak;

static __always_inline void count(enum outcome outcome, const struct frame_record *record)
{
    __u32 only = 0;
    struct counter *counter = bpf_map_lookup_elem(&counters, &only);

    if (counter && outcome < OUTCOME_COUNT) {
        counter += outcome;
        counter->packets += record->wire_packets;
        counter->bytes += record->wire_bytes;
    }
}

/* The frame of RECORD came to OUTCOME. */
static __always_inline void note(enum outcome outcome, const struct frame_record *record)
{
    count(outcome, record);
    if (outcome != OUTCOME_NONE && outcome <= OUTCOME_LAST_PROTOCOL)
        deliver(record);
}

/* --- XDP --- */

/* Global, so that the verifier proves it once and tracks nothing of what its arguments point to. */
__attribute__((noinline)) int classify_xdp(struct xdp_md *ctx, struct walk *walk,
                                           struct frame_record *record)
{
    const __u8 *data = (const __u8 *)(long)ctx->data;
    const __u8 *end = (const __u8 *)(long)ctx->data_end;

    if (!walk || !record)
        return OUTCOME_NONE;
    return (int)classify(link_type, data, end, (__u32)bpf_xdp_get_buff_len(ctx), 0, walk, record);
}

static __always_inline int watch_xdp(struct xdp_md *ctx, __u64 hardware_ns)
{
    struct frame_record record = {};
    struct walk walk = {};
    enum outcome outcome = (enum outcome)classify_xdp(ctx, &walk, &record);

    if (hardware_ns) {
        record.timestamp_ns = hardware_ns;
        record.flags |= RECORD_HARDWARE_TIME;
    } else {
        record.timestamp_ns = bpf_ktime_get_ns();
    }
    note(outcome, &record);
    return XDP_PASS;
}

SEC("xdp.frags")
int gapwatch_xdp(struct xdp_md *ctx)
{
    return watch_xdp(ctx, 0);
}

/* Where the driver has hardware timestamps. Loaded for one device alone. */
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

__attribute__((noinline)) int classify_tc(struct __sk_buff *skb, struct walk *walk,
                                          struct frame_record *record)
{
    const __u8 *data = (const __u8 *)(long)skb->data;
    const __u8 *end = (const __u8 *)(long)skb->data_end;

    enum outcome outcome;

    if (!walk || !record)
        return OUTCOME_NONE;
    outcome = classify(link_type, data, end, skb->len, skb->vlan_present ? 1 : 0, walk, record);
    if (skb->gso_size)
        count_segments(data, end, skb->gso_size, skb->gso_segs, walk, record);
    return (int)outcome;
}

SEC("tc")
int gapwatch_tc(struct __sk_buff *skb)
{
    struct frame_record record = {};
    struct walk walk = {};
    enum outcome outcome = (enum outcome)classify_tc(skb, &walk, &record);

    /* Headers may lie outside of the part that programs can read directly. */
    if (outcome == OUTCOME_TRUNCATED) {
        bpf_skb_pull_data(skb, skb->len < PULLED_MAX ? skb->len : PULLED_MAX);
        outcome = (enum outcome)classify_tc(skb, &walk, &record);
    }
    record.timestamp_ns = bpf_ktime_get_ns();
    note(outcome, &record);
    return TC_NEXT;
}

/* --- what waits --- */

static long hand_over_entry(struct bpf_map *map, const void *key, struct missed_value *entry,
                            void *context)
{
    (void)map, (void)key, (void)context;
    hand_over(entry);
    return 0;
}

/* Run by user space when the ring has room again: hands over the runs whose flows are silent. */
SEC("tc")
int gapwatch_hand_over(struct __sk_buff *skb)
{
    (void)skb;
    bpf_for_each_map_elem(&missed, hand_over_entry, 0, 0);
    return TC_NEXT;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
