/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/front.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "linux/netlink.h"
#include "linux/tcx.h"

#define CHILD_NAME   "gapwatch-front"
#define LOOK_MS      2000
#define PROGRAMS_MAX 64

/* What the child looks for. */
struct place {
    unsigned index; /* index of the interface */
    /* The id of our program. */
    uint32_t program;
    uint32_t first; /* priority of the first filter; ~0: none */
    uint32_t ours;  /* priority of our filter; ~0: none */
};

/* --- TCX --- */

/* Whether our program is attached, but not first. */
static int is_behind_tcx(const struct place *place, enum bpf_attach_type type)
{
    uint32_t programs[PROGRAMS_MAX] = {0};
    LIBBPF_OPTS(bpf_prog_query_opts, options, .prog_ids = programs, .prog_cnt = PROGRAMS_MAX);

    if (bpf_prog_query_opts((int)place->index, type, &options) < 0 && errno != ENOSPC)
        return 0;
    for (uint32_t i = 1; i < PROGRAMS_MAX && i < options.prog_cnt; i++)
        if (programs[i] == place->program)
            return 1;
    return 0;
}

/* --- clsact --- */

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
    struct place *place = context;
    uint32_t priority;

    if (mnl_nlmsg_get_payload_len(message) < sizeof(*header) || !header->tcm_handle)
        return MNL_CB_OK;
    priority = TC_H_MAJ(header->tcm_info) >> 16;
    netlink_parse(message, sizeof(*header), attributes, TCA_MAX);
    if (program_of(attributes[TCA_OPTIONS]) == place->program)
        place->ours = priority;
    else if (priority < place->first)
        place->first = priority;
    return MNL_CB_OK;
}

/* Whether our program is in a filter at PARENT, behind another filter. */
static int is_behind_filter(struct place *place, uint32_t parent)
{
    char room[NETLINK_REQUEST_BYTES];
    struct nlmsghdr *request = mnl_nlmsg_put_header(room);
    struct tcmsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));

    request->nlmsg_type = RTM_GETTFILTER;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    header->tcm_ifindex = (int)place->index;
    header->tcm_parent = parent;
    place->first = place->ours = ~0u;
    return netlink_ask(NETLINK_ROUTE, request, take_filter, place) == 0 && place->ours != ~0u &&
           place->first <= place->ours;
}

static char is_behind(struct place *place)
{
    return is_behind_tcx(place, (enum bpf_attach_type)TCX_INGRESS) ||
           is_behind_tcx(place, (enum bpf_attach_type)TCX_EGRESS) ||
           is_behind_filter(place, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)) ||
           is_behind_filter(place, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS));
}

/* --- the child, which never returns --- */

static _Noreturn void run_child(int socket, struct place place)
{
    struct pollfd waiting = {.fd = socket, .events = POLLIN};
    struct error ignored;
    char told = 0;

    if (guard_drop(&ignored) < 0)
        _exit(EXIT_FAILURE);
    for (;;) {
        char behind = is_behind(&place);

        if (behind != told)
            send(socket, &behind, sizeof(behind), MSG_NOSIGNAL | MSG_DONTWAIT);
        told = behind;
        if (poll(&waiting, 1, LOOK_MS) > 0 &&
            recv(socket, &place.index, sizeof(place.index), 0) != sizeof(place.index))
            _exit(EXIT_SUCCESS); /* the sensor has ended */
    }
}

/* --- the sensor --- */

void front_begin(struct front *front, unsigned index, uint32_t program)
{
    *front = (struct front){0};
    if (guard_fork(&front->guard, CHILD_NAME, -1) == 0)
        run_child(front->guard.socket, (struct place){.index = index, .program = program});
}

void front_move(struct front *front, unsigned index)
{
    if (front->guard.process)
        send(front->guard.socket, &index, sizeof(index), MSG_NOSIGNAL | MSG_DONTWAIT);
}

int front_has_changed(struct front *front)
{
    int before = front->is_taken;
    char news;

    while (front->guard.process &&
           recv(front->guard.socket, &news, sizeof(news), MSG_DONTWAIT) == sizeof(news))
        front->is_taken = news;
    return front->is_taken != before;
}

void front_release(struct front *front)
{
    guard_end(&front->guard);
}
