// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Programs to compare the sensor's kernel time with: some do nothing, and some do the least that a
 * sensor must do. The latter read the time and four fields of an ESP packet in plain IPv4 at fixed
 * offsets, and send a record of the sensor's size without a wake-up.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#define RING_BYTES (32 * 1024 * 1024)
#define TC_NEXT    (-1)

/* Ethernet, IPv4 without options, ESP. */
struct headers {
    __u8 ethernet[14];
    __u8 ipv4[16];
    __u32 destination;
    __u32 spi;
    __u32 sequence;
} __attribute__((packed));

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, RING_BYTES);
} events SEC(".maps");

struct least_record {
    __u64 timestamp_ns;
    __u32 wire_bytes;
    __u32 destination;
    __u32 spi;
    __u32 sequence;
    __u64 rest[5];
};

static __always_inline void deliver(const void *data, const void *end, __u32 wire_bytes)
{
    const struct headers *headers = data;
    struct least_record *record;

    if ((const void *)(headers + 1) > end)
        return;
    record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
    if (!record)
        return;
    record->timestamp_ns = bpf_ktime_get_ns();
    record->wire_bytes = wire_bytes;
    record->destination = headers->destination;
    record->spi = headers->spi;
    record->sequence = headers->sequence;
    bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}

SEC("xdp")
int empty_xdp(struct xdp_md *ctx)
{
    (void)ctx;
    return XDP_PASS;
}

SEC("tc")
int empty_tc(struct __sk_buff *skb)
{
    (void)skb;
    return TC_NEXT;
}

SEC("xdp")
int ring_xdp(struct xdp_md *ctx)
{
    deliver((const void *)(long)ctx->data, (const void *)(long)ctx->data_end,
            (__u32)(ctx->data_end - ctx->data));
    return XDP_PASS;
}

SEC("tc")
int ring_tc(struct __sk_buff *skb)
{
    deliver((const void *)(long)skb->data, (const void *)(long)skb->data_end, skb->len);
    return TC_NEXT;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
