/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/link_events.h"

#include <stddef.h>

#if defined(__linux__)

#include <net/if.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#define CARRIES_FRAMES (IFF_UP | IFF_RUNNING)

/* A datagram from the kernel has one message. */
#define MESSAGE_BYTES 8192

/* Datagrams taken in one call; the rest is left for the next. */
#define MESSAGES_MAX 64

struct interface_news {
    unsigned index;
    int was_down;
};

struct mnl_socket *link_events_open(void)
{
    struct mnl_socket *events = mnl_socket_open2(NETLINK_ROUTE, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (events && mnl_socket_bind(events, RTMGRP_LINK, MNL_SOCKET_AUTOPID) < 0) {
        mnl_socket_close(events);
        return NULL;
    }
    return events;
}

void link_events_close(struct mnl_socket *events)
{
    if (events)
        mnl_socket_close(events);
}

static int take_message(const struct nlmsghdr *message, void *context)
{
    const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
    struct interface_news *news = context;

    if (mnl_nlmsg_get_payload_len(message) < sizeof(*link) ||
        (unsigned)link->ifi_index != news->index)
        return MNL_CB_OK;
    if (message->nlmsg_type == RTM_DELLINK || (link->ifi_flags & CARRIES_FRAMES) != CARRIES_FRAMES)
        news->was_down = 1;
    return MNL_CB_OK;
}

int link_events_was_down(struct mnl_socket *events, unsigned index)
{
    struct interface_news news = {.index = index};
    _Alignas(struct nlmsghdr) char datagram[MESSAGE_BYTES];

    for (int i = 0; events && i < MESSAGES_MAX; i++) {
        ssize_t bytes = mnl_socket_recvfrom(events, datagram, sizeof(datagram));

        if (bytes < 0)
            break; /* no more, or some were lost: the next poll finds the state */
        mnl_cb_run(datagram, (size_t)bytes, 0, 0, take_message, &news);
    }
    return news.was_down;
}

#else

struct mnl_socket *link_events_open(void)
{
    return NULL;
}

void link_events_close(struct mnl_socket *events)
{
    (void)events;
}

int link_events_was_down(struct mnl_socket *events, unsigned index)
{
    (void)events, (void)index;
    return 0;
}

#endif
