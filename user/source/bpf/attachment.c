/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/attachment.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "linux/netlink.h"
#include "linux/tcx.h"

#define CHILD_NAME   "gapwatch-look"
#define LOOK_MS      1000
#define PROGRAMS_MAX 64 /* the most that the kernel allows at a hook */

/* --- TCX --- */

static enum attachment_state in_tcx(const struct place *place, enum bpf_attach_type type)
{
    uint32_t programs[PROGRAMS_MAX] = {0};
    LIBBPF_OPTS(bpf_prog_query_opts, options, .prog_ids = programs, .prog_cnt = PROGRAMS_MAX);

    if (bpf_prog_query_opts((int)place->index, type, &options) < 0)
        return errno == EINVAL ? ATTACHMENT_GONE : ATTACHMENT_FIRST; /* no TCX, or unknown */
    for (uint32_t i = 0; i < PROGRAMS_MAX && i < options.prog_cnt; i++)
        if (programs[i] == place->program)
            return i ? ATTACHMENT_BEHIND : ATTACHMENT_FIRST;
    return ATTACHMENT_GONE;
}

/* --- clsact --- */

/* The priorities of filters; ~0: no such filter. */
struct priorities {
    uint32_t program; /* id of our program */
    uint32_t ours;
    uint32_t first; /* the lowest of the others */
};

static uint32_t program_of(const struct nlattr *options)
{
    const struct nlattr *attributes[TCA_BPF_MAX + 1] = {NULL};

    if (!options)
        return 0;
    netlink_parse_nested(options, attributes, TCA_BPF_MAX);
    return (uint32_t)netlink_number(attributes[TCA_BPF_ID]);
}

static int take_filter(const struct nlmsghdr *message, void *context)
{
    const struct nlattr *attributes[TCA_MAX + 1] = {NULL};
    const struct tcmsg *header = mnl_nlmsg_get_payload(message);
    struct priorities *found = context;
    uint32_t priority;

    if (mnl_nlmsg_get_payload_len(message) < sizeof(*header) || !header->tcm_handle)
        return MNL_CB_OK;
    priority = TC_H_MAJ(header->tcm_info) >> 16;
    netlink_parse(message, sizeof(*header), attributes, TCA_MAX);
    if (program_of(attributes[TCA_OPTIONS]) == found->program)
        found->ours = priority;
    else if (priority < found->first)
        found->first = priority;
    return MNL_CB_OK;
}

static enum attachment_state in_filters(const struct place *place, uint32_t minor)
{
    char room[NETLINK_REQUEST_BYTES];
    struct nlmsghdr *request = mnl_nlmsg_put_header(room);
    struct tcmsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
    struct priorities found = {place->program, ~0u, ~0u};

    request->nlmsg_type = RTM_GETTFILTER;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    header->tcm_ifindex = (int)place->index;
    header->tcm_parent = TC_H_MAKE(TC_H_CLSACT, minor);
    if (netlink_ask(NETLINK_ROUTE, request, take_filter, &found) < 0)
        return ATTACHMENT_FIRST; /* unknown */
    if (found.ours == ~0u)
        return ATTACHMENT_GONE;
    return found.first <= found.ours ? ATTACHMENT_BEHIND : ATTACHMENT_FIRST;
}

/* --- any hook --- */

/* The state at the TC hook: TCX, or a filter if the kernel has no TCX. */
static enum attachment_state at_tc(const struct place *place, int type, uint32_t minor)
{
    enum attachment_state state = in_tcx(place, (enum bpf_attach_type)type);

    return state == ATTACHMENT_GONE ? in_filters(place, minor) : state;
}

/* The state at the XDP hook. Another XDP program there gets incoming frames before a TC program of
 * ours. */
static enum attachment_state at_xdp(const struct place *place)
{
    LIBBPF_OPTS(bpf_xdp_query_opts, found);

    if (bpf_xdp_query((int)place->index, 0, &found) < 0)
        return ATTACHMENT_FIRST; /* unknown */
    if (place->hooks & AT_XDP)
        return found.drv_prog_id == place->program || found.skb_prog_id == place->program
                   ? ATTACHMENT_FIRST
                   : ATTACHMENT_GONE;
    return found.attach_mode != XDP_ATTACHED_NONE && place->hooks & AT_TC_IN ? ATTACHMENT_BEHIND
                                                                             : ATTACHMENT_FIRST;
}

static enum attachment_state worse(enum attachment_state one, enum attachment_state other)
{
    return one > other ? one : other;
}

static enum attachment_state look(const struct place *place)
{
    char name[IF_NAMESIZE];
    enum attachment_state state;

    if (!place->hooks || !if_indextoname(place->index, name))
        return ATTACHMENT_FIRST; /* no interface has no program */
    state = at_xdp(place);
    if (place->hooks & AT_TC_IN)
        state = worse(state, at_tc(place, TCX_INGRESS, TC_H_MIN_INGRESS));
    if (place->hooks & AT_TC_OUT)
        state = worse(state, at_tc(place, TCX_EGRESS, TC_H_MIN_EGRESS));
    return state;
}

/* --- the child, which never returns --- */

static _Noreturn void run_child(int socket, struct place place)
{
    struct pollfd waiting = {.fd = socket, .events = POLLIN};
    enum attachment_state reported = ATTACHMENT_FIRST;
    struct error ignored;

    if (guard_drop(&ignored) < 0)
        _exit(EXIT_FAILURE);
    for (;;) {
        enum attachment_state state = look(&place);

        if (state != reported)
            send(socket, &state, sizeof(state), MSG_NOSIGNAL | MSG_DONTWAIT);
        reported = state;
        if (poll(&waiting, 1, LOOK_MS) > 0 &&
            recv(socket, &place, sizeof(place), 0) != sizeof(place))
            _exit(EXIT_SUCCESS); /* the sensor has ended */
    }
}

/* --- the sensor's side --- */

void attachment_begin(struct attachment *attachment, const struct place *place)
{
    *attachment = (struct attachment){0};
    if (guard_fork(&attachment->guard, CHILD_NAME, -1) == 0)
        run_child(attachment->guard.socket, *place);
}

void attachment_move(struct attachment *attachment, const struct place *place)
{
    if (attachment->guard.process)
        send(attachment->guard.socket, place, sizeof(*place), MSG_NOSIGNAL | MSG_DONTWAIT);
}

int attachment_has_changed(struct attachment *attachment)
{
    enum attachment_state before = attachment->state, news;

    while (attachment->guard.process && recv(attachment->guard.socket, &news, sizeof(news),
                                             MSG_DONTWAIT) == (ssize_t)sizeof(news))
        attachment->state = news;
    return attachment->state != before;
}

void attachment_release(struct attachment *attachment)
{
    guard_end(&attachment->guard);
}
