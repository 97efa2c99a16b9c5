// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Sends without sockets: a BPF program (send.bpf.c) writes each frame and redirects it into the
 * interface. BPF_PROG_TEST_RUN runs it for all of them in one system call.
 */
#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <net/if.h>

#include "send.skel.h"

#include "../bpf/send.bpf.h"

/* Puts a template of each flow's frames into the map. Returns 0, or -1 with errno set. */
static int fill_frames(const struct send_bpf *bpf, const struct plan *plan)
{
    struct flow *flows = plan_flows(plan);
    int status = flows ? 0 : -1;

    for (uint32_t i = 0; status == 0 && i < plan->flow_count; i++) {
        struct frame_template template = {.number_offset = flows[i].number_offset};
        unsigned char frame[FRAME_LONGEST];

        plan_frame(plan, &flows[i], frame);
        memcpy(template.headers, frame, sizeof(template.headers));
        status = bpf_map_update_elem(bpf_map__fd(bpf->maps.frames), &i, &template, BPF_ANY);
    }
    free(flows);
    return status;
}

/* Runs the program once more than there are frames: the last run notes the time. */
static int run(const struct send_bpf *bpf, const struct plan *plan, uint32_t interface)
{
    unsigned char frame[FRAME_LONGEST] = {0};
    struct xdp_md context = {.data_end = plan->length, .ingress_ifindex = interface};
    LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = plan->length,
                .ctx_in = &context, .ctx_size_in = sizeof(context),
                .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = FRAME_BATCH,
                .repeat = (int)plan->packets + 1);

    return bpf_prog_test_run_opts(bpf_program__fd(bpf->progs.send_frame), &options) < 0 ? -1 : 0;
}

int send_by_redirect(const struct plan *plan, const char *interface, uint64_t *sending_ns)
{
    struct send_bpf *bpf;
    int status = -1;

    bpf = send_bpf__open();
    if (!bpf)
        return -1;
    bpf->rodata->flow_count = plan->flow_count;
    bpf->rodata->packets = plan->packets;
    bpf->rodata->rate = plan->rate;
    bpf->rodata->lose_every = plan->lose_every;
    bpf->rodata->interface = if_nametoindex(interface);
    bpf->bss->number = (uint32_t)plan_number(plan, 0);
    bpf_map__set_max_entries(bpf->maps.frames, plan->flow_count);
    if (bpf->rodata->interface && send_bpf__load(bpf) == 0 && fill_frames(bpf, plan) == 0)
        status = run(bpf, plan, bpf->rodata->interface);
    *sending_ns = bpf->bss->ended_ns - bpf->bss->began_ns - bpf->bss->waited_ns;
    send_bpf__destroy(bpf);
    return status;
}
