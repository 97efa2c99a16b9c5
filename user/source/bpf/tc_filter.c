/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/tc_filter.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "linux/netlink.h"

static struct bpf_tc_hook hook_at(unsigned index, enum bpf_tc_attach_point point)
{
    return (struct bpf_tc_hook){
        .sz = sizeof(struct bpf_tc_hook), .ifindex = (int)index, .attach_point = point};
}

/* Attaches a filter; the kernel picks its priority and handle. Returns 0 or a negative errno. */
static int attach_filter(struct tc_filter *filter, unsigned index, int program,
                         enum bpf_tc_attach_point point)
{
    struct bpf_tc_hook hook = hook_at(index, point);
    LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program);
    int status = bpf_tc_attach(&hook, &options);

    if (status == 0)
        *filter = (struct tc_filter){options.handle, options.priority, options.prog_id};
    return status;
}

int tc_filters_attach(struct tc_filters *filters, unsigned index, int program,
                      enum direction direction, struct error *error)
{
    struct bpf_tc_hook hook = hook_at(index, BPF_TC_INGRESS | BPF_TC_EGRESS);
    int status = bpf_tc_hook_create(&hook);

    filters->index = index;
    filters->made_qdisc = status == 0;
    if (status == -EEXIST)
        status = 0;
    if (status == 0 && direction != DIRECTION_OUT)
        status = attach_filter(&filters->in, index, program, BPF_TC_INGRESS);
    if (status == 0 && direction != DIRECTION_IN)
        status = attach_filter(&filters->out, index, program, BPF_TC_EGRESS);
    if (status == 0)
        return 0;
    tc_filters_detach(filters);
    return error_set(error, "cannot attach a filter to the clsact qdisc: %s", strerror(-status));
}

/* Detaches the filter if it is still ours: another program may have removed the interface or the
 * filter and put something else in its place. */
static void detach_filter(const struct tc_filter *filter, unsigned index,
                          enum bpf_tc_attach_point point)
{
    struct bpf_tc_hook hook = hook_at(index, point);
    LIBBPF_OPTS(bpf_tc_opts, found, .handle = filter->handle, .priority = filter->priority);
    LIBBPF_OPTS(bpf_tc_opts, ours, .handle = filter->handle, .priority = filter->priority);

    if (filter->handle && bpf_tc_query(&hook, &found) == 0 && found.prog_id == filter->program)
        bpf_tc_detach(&hook, &ours);
}

/* Called for each filter: notes that there is one. */
static int take_filter(const struct nlmsghdr *message, void *is_there)
{
    (void)message;
    *(int *)is_there = 1;
    return MNL_CB_OK;
}

/* Whether there is any filter at this PARENT of the interface INDEX. Also true when it is
 * unknown. */
static int has_filters(unsigned index, uint32_t parent)
{
    char room[NETLINK_REQUEST_BYTES];
    struct nlmsghdr *request = mnl_nlmsg_put_header(room);
    struct tcmsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
    int is_there = 0;

    request->nlmsg_type = RTM_GETTFILTER;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    header->tcm_ifindex = (int)index;
    header->tcm_parent = parent;
    return netlink_ask(NETLINK_ROUTE, request, take_filter, &is_there) < 0 || is_there;
}

void tc_filters_detach(struct tc_filters *filters)
{
    struct bpf_tc_hook hook = hook_at(filters->index, BPF_TC_INGRESS | BPF_TC_EGRESS);

    if (!filters->index)
        return;
    detach_filter(&filters->in, filters->index, BPF_TC_INGRESS);
    detach_filter(&filters->out, filters->index, BPF_TC_EGRESS);
    if (filters->made_qdisc &&
        !has_filters(filters->index, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)) &&
        !has_filters(filters->index, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)))
        bpf_tc_hook_destroy(&hook);
    *filters = (struct tc_filters){0};
}
