/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Requests to the kernel over netlink, on top of libmnl. Linux only. */
#ifndef GAPWATCH_LINUX_NETLINK_H
#define GAPWATCH_LINUX_NETLINK_H

#include <stddef.h>
#include <stdint.h>

#if defined(__linux__)

#include <libmnl/libmnl.h>

/* Room for a request of ours. */
#define NETLINK_REQUEST_BYTES 256

/* Sends REQUEST over a socket of FAMILY (NETLINK_ROUTE ...) and gives each message of the answer to
 * TAKE, which returns as mnl_cb_t does. Returns 0, or -1 with errno. */
int netlink_ask(int family, struct nlmsghdr *request, mnl_cb_t take, void *context);

/* Points ATTRIBUTES[type] to each attribute up to type MAX: of a message, behind HEADER_BYTES, or
 * inside of another one. NULL for those that are not there. */
void netlink_parse(const struct nlmsghdr *message, size_t header_bytes,
                   const struct nlattr **attributes, uint16_t max);
void netlink_parse_nested(const struct nlattr *nest, const struct nlattr **attributes,
                          uint16_t max);

/* Their values; 0 or the empty string when ATTRIBUTE is NULL or too short. */
uint64_t netlink_number(const struct nlattr *attribute);
void netlink_string(const struct nlattr *attribute, char *string, size_t size);

#endif
#endif
