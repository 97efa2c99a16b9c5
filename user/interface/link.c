/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "interface/link.h"

#if defined(__linux__)

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>

#include "linux/netlink.h"

static enum interface_link link_of(unsigned hardware_type)
{
    switch (hardware_type) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
        return INTERFACE_ETHERNET;
    case ARPHRD_NONE: /* tun, WireGuard */
    case ARPHRD_RAWIP:
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
        return INTERFACE_RAW_IP;
    default:
        return INTERFACE_OTHER_LINK;
    }
}

static enum interface_state state_of(unsigned flags)
{
    if (!(flags & IFF_UP))
        return INTERFACE_DOWN;
    return flags & IFF_LOWER_UP ? INTERFACE_UP : INTERFACE_NO_CARRIER;
}

/* For a software device the kind is the name of its driver; hardware and loopback have none. */
static void parse_kind(const struct nlattr *link_info, unsigned flags,
                       struct interface_facts *interface)
{
    const struct nlattr *info[IFLA_INFO_DATA + 1], *macsec[IFLA_MACSEC_OFFLOAD + 1];
    const char *without = flags & IFF_LOOPBACK ? KIND_LOOPBACK : KIND_PHYSICAL;

    netlink_parse_nested(link_info, info, IFLA_INFO_DATA);
    if (!info[IFLA_INFO_KIND]) {
        snprintf(interface->kind, sizeof(interface->kind), "%s", without);
        return;
    }
    netlink_string(info[IFLA_INFO_KIND], interface->kind, sizeof(interface->kind));
    if (!interface_is(interface, KIND_MACSEC))
        return;
    netlink_parse_nested(info[IFLA_INFO_DATA], macsec, IFLA_MACSEC_OFFLOAD);
    interface->is_offloaded = netlink_number(macsec[IFLA_MACSEC_OFFLOAD]) != MACSEC_OFFLOAD_OFF;
}

static uint32_t xdp_program(const struct nlattr *nest)
{
    static const uint16_t by_mode[] = {
        IFLA_XDP_PROG_ID,
        IFLA_XDP_DRV_PROG_ID,
        IFLA_XDP_SKB_PROG_ID,
        IFLA_XDP_HW_PROG_ID,
    };
    const struct nlattr *xdp[IFLA_XDP_MAX + 1];

    netlink_parse_nested(nest, xdp, IFLA_XDP_MAX);
    for (size_t i = 0; i < sizeof(by_mode) / sizeof(by_mode[0]); i++)
        if (netlink_number(xdp[by_mode[i]]))
            return (uint32_t)netlink_number(xdp[by_mode[i]]);
    return 0;
}

void link_parse(const struct nlmsghdr *message, struct interface_facts *interface)
{
    const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
    const struct nlattr *link[IFLA_MAX + 1];

    netlink_parse(message, sizeof(*header), link, IFLA_MAX);
    *interface = (struct interface_facts){
        .index = (unsigned)header->ifi_index,
        .state = state_of(header->ifi_flags),
        .link = link_of(header->ifi_type),
        .mtu = (unsigned)netlink_number(link[IFLA_MTU]),
        .xdp_program = xdp_program(link[IFLA_XDP]),
    };
    /* If the device below is in another namespace, its index means nothing in this one. */
    if (!link[IFLA_LINK_NETNSID])
        interface->lower = (unsigned)netlink_number(link[IFLA_LINK]);
    netlink_string(link[IFLA_IFNAME], interface->name, sizeof(interface->name));
    parse_kind(link[IFLA_LINKINFO], header->ifi_flags, interface);
}

#endif
