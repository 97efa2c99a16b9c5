// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Writes the frames of send --redirect, one in each run. Runs on one processor only. */
#include "vmlinux.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "send.bpf.h"

#define NS_PER_SECOND 1000000000ull
#define LOOKS_MAX     (1 << 20) /* how often a wait reads the clock at most */
#define OFFSET_MASK   63        /* limits the offset of a number, for the verifier */

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1); /* a template for each flow */
    __type(key, __u32);
    __type(value, struct frame_template);
} frames SEC(".maps");

/* Set before load; see struct plan. */
const volatile __u32 interface = 0;
const volatile __u32 flow_count = 1;
const volatile __u32 lose_every = 0;
const volatile __u64 packets = 0;
const volatile __u64 rate = 0;

__u64 sent;
__u32 flow;   /* index of the next flow */
__u32 number; /* its next number */
__u64 began_ns, ended_ns, waited_ns;

static long is_due(__u32 look, __u64 *due_ns)
{
    (void)look;
    return bpf_ktime_get_ns() >= *due_ns;
}

/* Waits before a batch, to keep to the rate. */
static __always_inline void wait(void)
{
    __u64 now_ns = bpf_ktime_get_ns(), due_ns;

    if (!sent)
        began_ns = now_ns;
    if (!rate)
        return;
    due_ns = began_ns + sent * NS_PER_SECOND / rate;
    bpf_loop(LOOKS_MAX, is_due, &due_ns, 0);
    waited_ns += bpf_ktime_get_ns() - now_ns;
}

static __always_inline void put_number(__u8 *at, const __u8 *end)
{
    if (at + sizeof(__be32) <= end)
        *(__be32 *)at = bpf_htonl(number);
}

static __always_inline void go_on(void)
{
    sent++;
    if (++flow < flow_count)
        return;
    flow = 0;
    number++;
    if (lose_every && number % lose_every == 0)
        number++;
}

SEC("xdp")
int send_frame(struct xdp_md *ctx)
{
    __u8 *data = (__u8 *)(long)ctx->data, *end = (__u8 *)(long)ctx->data_end;
    const struct frame_template *template;
    __u32 key = flow;

    if (sent == packets) {
        ended_ns = bpf_ktime_get_ns();
        return XDP_DROP;
    }
    template = bpf_map_lookup_elem(&frames, &key);
    if (!template || data + sizeof(template->headers) > end)
        return XDP_ABORTED;
    if (sent % FRAME_BATCH == 0)
        wait();
    for (int i = 0; i < (int)(sizeof(template->headers) / sizeof(template->headers[0])); i++)
        ((__u64 *)data)[i] = template->headers[i];
    if (template->number_offset)
        put_number(data + (template->number_offset & OFFSET_MASK), end);
    go_on();
    return (int)bpf_redirect(interface, 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
