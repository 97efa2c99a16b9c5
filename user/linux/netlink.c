/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "linux/netlink.h"

#if defined(__linux__)

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The kernel sends at most this much of a dump at a time. */
#define ANSWER_BYTES 32768

static int receive(struct mnl_socket *socket, unsigned sequence, mnl_cb_t take, void *context)
{
    char *answer = malloc(ANSWER_BYTES);
    int more = answer ? MNL_CB_OK : MNL_CB_ERROR;

    while (more > MNL_CB_STOP) {
        ssize_t received = mnl_socket_recvfrom(socket, answer, ANSWER_BYTES);

        more = received < 0 ? MNL_CB_ERROR
                            : mnl_cb_run(answer, (size_t)received, sequence,
                                         mnl_socket_get_portid(socket), take, context);
    }
    free(answer);
    return more == MNL_CB_STOP ? 0 : -1;
}

int netlink_ask(int family, struct nlmsghdr *request, mnl_cb_t take, void *context)
{
    struct mnl_socket *socket = mnl_socket_open2(family, SOCK_CLOEXEC);
    int reason, status = -1;

    if (!socket)
        return -1;
    request->nlmsg_seq = 1;
    if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0 &&
        mnl_socket_sendto(socket, request, request->nlmsg_len) >= 0)
        status = receive(socket, request->nlmsg_seq, take, context);
    reason = errno;
    mnl_socket_close(socket);
    errno = reason;
    return status;
}

struct attribute_table {
    const struct nlattr **attributes;
    uint16_t max;
};

static int take_attribute(const struct nlattr *attribute, void *context)
{
    const struct attribute_table *table = context;

    if (mnl_attr_get_type(attribute) <= table->max)
        table->attributes[mnl_attr_get_type(attribute)] = attribute;
    return MNL_CB_OK;
}

void netlink_parse(const struct nlmsghdr *message, size_t header_bytes,
                   const struct nlattr **attributes, uint16_t max)
{
    struct attribute_table table = {.attributes = attributes, .max = max};

    memset(attributes, 0, (max + 1u) * sizeof(*attributes));
    mnl_attr_parse(message, (unsigned)header_bytes, take_attribute, &table);
}

void netlink_parse_nested(const struct nlattr *nest, const struct nlattr **attributes, uint16_t max)
{
    struct attribute_table table = {.attributes = attributes, .max = max};

    memset(attributes, 0, (max + 1u) * sizeof(*attributes));
    if (nest)
        mnl_attr_parse_nested(nest, take_attribute, &table);
}

uint64_t netlink_number(const struct nlattr *attribute)
{
    switch (attribute ? mnl_attr_get_payload_len(attribute) : 0) {
    case sizeof(uint8_t):
        return mnl_attr_get_u8(attribute);
    case sizeof(uint16_t):
        return mnl_attr_get_u16(attribute);
    case sizeof(uint32_t):
        return mnl_attr_get_u32(attribute);
    case sizeof(uint64_t):
        return mnl_attr_get_u64(attribute);
    default:
        return 0;
    }
}

void netlink_string(const struct nlattr *attribute, char *string, size_t size)
{
    string[0] = '\0';
    if (attribute)
        snprintf(string, size, "%.*s", (int)mnl_attr_get_payload_len(attribute),
                 mnl_attr_get_str(attribute));
}

#endif
