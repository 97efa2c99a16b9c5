// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The shared classifier as a BPF program, for tests: each BPF_PROG_TEST_RUN leaves the record and
 * the outcome of the frame in the global `result`. Every packet passes unchanged. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "classify/classify.h"

/* Set before the program is loaded. */
const volatile struct classifier classifier = {.link = LINK_ETHERNET, .tunnels = TUNNELS_ALL};

/* BPF_PROG_TEST_RUN refuses data of less than 14 octets, so a short frame comes behind this much
 * padding. */
const volatile __u32 frame_offset = 0;

/* Length on the wire, which may exceed the captured data. */
__u32 wire_bytes;

struct {
    struct frame_record record;
    struct frame_record mirror;
    __u32 outcome;
    __u32 has_mirror;
} result;

/* Memory of which the verifier tracks no values (cursor.h). */
struct scratch {
    struct walk walk;
    struct frame_record record;
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct scratch);
} scratch SEC(".maps");

static __always_inline struct scratch *find_scratch(void)
{
    __u32 only = 0;

    return bpf_map_lookup_elem(&scratch, &only);
}

/* Global, so that the verifier proves each step once. */
__attribute__((noinline)) int classify_frame(struct xdp_md *ctx)
{
    const __u8 *data = (const __u8 *)(long)ctx->data + frame_offset;
    const __u8 *end = (const __u8 *)(long)ctx->data_end;
    struct classifier how = {
        .link = classifier.link, .tunnels = classifier.tunnels, .esp_ports = classifier.esp_ports};
    struct scratch *at = find_scratch();

    if (!at || data > end)
        return OUTCOME_NONE;
    return (int)classify_outermost(&how, how.link, data, end, wire_bytes, 0, &at->walk,
                                   &at->record);
}

__attribute__((noinline)) int classify_frame_inside(struct xdp_md *ctx)
{
    const __u8 *data = (const __u8 *)(long)ctx->data + frame_offset;
    const __u8 *end = (const __u8 *)(long)ctx->data_end;
    struct classifier how = {
        .link = classifier.link, .tunnels = classifier.tunnels, .esp_ports = classifier.esp_ports};
    struct scratch *at = find_scratch();

    if (!at || data > end)
        return OUTCOME_NONE;
    return (int)classify_inside(&how, data, end, &at->walk, &at->record);
}

SEC("xdp")
int classify_xdp(struct xdp_md *ctx)
{
    struct scratch *at = find_scratch();

    if (!at)
        return XDP_PASS;
    result.outcome = (__u32)classify_frame(ctx);
    UNROLLED
    for (int steps = 0; steps < INSIDE_STEPS_MAX && at->walk.inside; steps++)
        result.outcome = (__u32)classify_frame_inside(ctx);
    result.record = at->record;
    result.has_mirror = at->walk.has_mirror;
    if (at->walk.has_mirror)
        result.mirror = at->walk.mirror;
    return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
