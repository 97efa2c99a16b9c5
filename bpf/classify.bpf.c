// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The shared classifier as a BPF program, for tests: each BPF_PROG_TEST_RUN leaves the record and
 * the outcome of the frame in the global `result`. Every packet passes unchanged. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "classify.h"

/* Set before the program is loaded. */
const volatile __u32 link_type = LINK_ETHERNET;

/* BPF_PROG_TEST_RUN refuses data of less than 14 octets, so a short frame comes behind this much
 * padding. */
const volatile __u32 frame_offset = 0;

/* Length on the wire, which may exceed the captured data. */
__u32 wire_bytes;

struct {
    struct frame_record record;
    __u32 outcome;
    __u32 reserved;
} result;

/* A global function: the verifier checks it once, without tracking what its arguments point to. */
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
