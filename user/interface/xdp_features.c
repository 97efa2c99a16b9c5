/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "interface/xdp_features.h"

#if defined(__linux__)

#include <linux/genetlink.h>

#include "linux/netlink.h"

/* From the kernel's Documentation/netlink/specs/netdev.yaml: headers before 6.3 do not have it. */
#define NETDEV_FAMILY          "netdev"
#define NETDEV_VERSION         1
#define NETDEV_DEV_GET         1
#define NETDEV_IFINDEX         1
#define NETDEV_XDP_FEATURES    3
#define XDP_FEATURE_BASIC      (1 << 0)
#define XDP_FEATURE_RECEIVE_SG (1 << 5) /* frames in several buffers */

/* Begins a generic netlink request for COMMAND in ROOM. The caller may add attributes. */
static struct nlmsghdr *begin_request(char *room, uint16_t type, uint16_t flags, uint8_t command,
                                      uint8_t version)
{
    struct nlmsghdr *request = mnl_nlmsg_put_header(room);
    struct genlmsghdr *generic = mnl_nlmsg_put_extra_header(request, sizeof(*generic));

    request->nlmsg_type = type;
    request->nlmsg_flags = NLM_F_REQUEST | flags;
    generic->cmd = command;
    generic->version = version;
    return request;
}

static int take_family(const struct nlmsghdr *message, void *family)
{
    const struct nlattr *attributes[CTRL_ATTR_FAMILY_ID + 1];

    netlink_parse(message, sizeof(struct genlmsghdr), attributes, CTRL_ATTR_FAMILY_ID);
    *(uint16_t *)family = (uint16_t)netlink_number(attributes[CTRL_ATTR_FAMILY_ID]);
    return MNL_CB_OK;
}

/* The number that this kernel gave to the family, or 0 when it does not have it. */
static uint16_t find_family(void)
{
    char room[NETLINK_REQUEST_BYTES];
    struct nlmsghdr *request =
        begin_request(room, GENL_ID_CTRL, NLM_F_ACK, CTRL_CMD_GETFAMILY, NETDEV_VERSION);
    uint16_t family = 0;

    mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, NETDEV_FAMILY);
    return netlink_ask(NETLINK_GENERIC, request, take_family, &family) < 0 ? 0 : family;
}

static enum native_xdp native_xdp_of(uint64_t features)
{
    if (!(features & XDP_FEATURE_BASIC))
        return NATIVE_XDP_NO;
    return features & XDP_FEATURE_RECEIVE_SG ? NATIVE_XDP_YES : NATIVE_XDP_ONE_BUFFER;
}

static int take_features(const struct nlmsghdr *message, void *context)
{
    const struct nlattr *attributes[NETDEV_XDP_FEATURES + 1];
    struct interface_list *list = context;

    netlink_parse(message, sizeof(struct genlmsghdr), attributes, NETDEV_XDP_FEATURES);
    for (size_t i = 0; i < list->count; i++)
        if (list->interfaces[i].index == netlink_number(attributes[NETDEV_IFINDEX]))
            list->interfaces[i].native_xdp =
                native_xdp_of(netlink_number(attributes[NETDEV_XDP_FEATURES]));
    return MNL_CB_OK;
}

void xdp_features_read(struct interface_list *list)
{
    char room[NETLINK_REQUEST_BYTES];
    uint16_t family = find_family();

    if (family)
        netlink_ask(NETLINK_GENERIC,
                    begin_request(room, family, NLM_F_DUMP, NETDEV_DEV_GET, NETDEV_VERSION),
                    take_features, list);
}

#endif
