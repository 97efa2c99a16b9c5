// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The shared classifier as a BPF program. It leaves what it made of the frame in the global
 * `result`, where a test reads it after each BPF_PROG_TEST_RUN. Every packet passes, unchanged.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "classify.h"

/* Set before load. */
const volatile __u32 link_type = LINK_ETHERNET;

/* BPF_PROG_TEST_RUN wants 14 octets at least: the frame starts behind this many of padding. */
const volatile __u32 frame_offset = 0;

/* Length on the wire, which may be more than the data. */
__u32 wire_bytes;

struct {
    struct frame_record record;
    __u32 outcome;
    __u32 reserved;
} result;

/* Global, so that the verifier proves it once and tracks nothing of what its arguments point to. */
__attribute__((noinline)) int classify_frame(struct xdp_md *ctx, struct walk *walk,
                                             struct frame_record *record)
{
    const __u8 *data = (const __u8 *)(long)ctx->data + frame_offset;
    const __u8 *end = (const __u8 *)(long)ctx->data_end;

    if (!walk || !record || data > end)
        return OUTCOME_NONE;
    return (int)classify(link_type, data, end, wire_bytes, 0, walk, record);
}

SEC("xdp")
int classify_xdp(struct xdp_md *ctx)
{
    struct walk walk = {};
    struct frame_record record = {};

    result.outcome = (__u32)classify_frame(ctx, &walk, &record);
    result.record = record;
    return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
