/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Lists the interfaces of this network namespace over netlink. After a process entered a namespace,
 * /sys may still show those of the namespace before. */
#include "interface/interface.h"

#if defined(__linux__)

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "interface/link.h"
#include "interface/xdp_features.h"
#include "linux/ethtool.h"
#include "linux/netlink.h"
#if defined(GAPWATCH_BPF)
#include "linux/tcx.h"
#endif

#define MACSEC_FEATURE "macsec-hw-offload"

/* When the list changes while it is read, it is read again, at most this often. */
#define READINGS_MAX 10

static int take_link(const struct nlmsghdr *message, void *list)
{
    struct interface_facts interface;

    if (message->nlmsg_type != RTM_NEWLINK ||
        mnl_nlmsg_get_payload_len(message) < sizeof(struct ifinfomsg))
        return MNL_CB_OK;
    link_parse(message, &interface);
    return interface_list_add(list, &interface) < 0 ? MNL_CB_ERROR : MNL_CB_OK;
}

static int read_links(struct interface_list *list)
{
    char room[NETLINK_REQUEST_BYTES];
    struct nlmsghdr *request = mnl_nlmsg_put_header(room);
    struct ifinfomsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));

    request->nlmsg_type = RTM_GETLINK;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    header->ifi_family = AF_UNSPEC;
    mnl_attr_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    return netlink_ask(NETLINK_ROUTE, request, take_link, list);
}

static void ask_drivers(struct interface_list *list)
{
    int ethtool = ethtool_open();

    if (ethtool < 0)
        return;
    for (size_t i = 0; i < list->count; i++) {
        struct interface_facts *interface = &list->interfaces[i];

        ethtool_driver(ethtool, interface->name, interface->driver, sizeof(interface->driver));
        interface->nic_does_macsec =
            ethtool_feature_is_on(ethtool, interface->name, MACSEC_FEATURE);
    }
    close(ethtool);
}

static void ask_for_tcx(struct interface_list *list)
{
#if defined(GAPWATCH_BPF)
    for (size_t i = 0; i < list->count; i++)
        list->interfaces[i].tcx = tcx_support(list->interfaces[i].index);
#else
    (void)list;
#endif
}

int interface_list_read(struct interface_list *list, struct error *error)
{
    int status, readings = 0;

    *list = (struct interface_list){0};
    do {
        interface_list_release(list);
        status = read_links(list);
    } while (status < 0 && errno == EINTR && ++readings < READINGS_MAX);
    if (status < 0) {
        error_set(error, "cannot list the interfaces: %s", strerror(errno));
        interface_list_release(list);
        return -1;
    }
    interface_list_note_offload(list);
    ask_drivers(list);
    xdp_features_read(list);
    ask_for_tcx(list);
    return 0;
}

#endif
