/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Requests to the kernel over netlink, with libmnl. Linux only. */
#ifndef GAPWATCH_LINUX_NETLINK_H
#define GAPWATCH_LINUX_NETLINK_H

#include <stddef.h>
#include <stdint.h>

#if defined(__linux__)

#include <libmnl/libmnl.h>

/* Enough for any request of this program. */
#define NETLINK_REQUEST_BYTES 256

/* Sends REQUEST over a socket of FAMILY (NETLINK_ROUTE ...) and calls TAKE with CONTEXT for each
 * message of the answer; TAKE returns as mnl_cb_t does. Returns 0, or -1 with errno. */
int netlink_ask(int family, struct nlmsghdr *request, mnl_cb_t take, void *context);

/* Points ATTRIBUTES[type] to each attribute of MESSAGE with a type up to MAX. They follow a header
 * of HEADER_BYTES. NULL where there is none. The pointers point into MESSAGE. */
void netlink_parse(const struct nlmsghdr *message, size_t header_bytes,
                   const struct nlattr **attributes, uint16_t max);

/* Points ATTRIBUTES[type] to each attribute in the attribute NEST, as netlink_parse() does. */
void netlink_parse_nested(const struct nlattr *nest, const struct nlattr **attributes,
                          uint16_t max);

/* The value of ATTRIBUTE, or 0 when it is NULL or too short. */
uint64_t netlink_number(const struct nlattr *attribute);

/* Copies the string in ATTRIBUTE to STRING of SIZE octets; the empty string when ATTRIBUTE is NULL.
 * */
void netlink_string(const struct nlattr *attribute, char *string, size_t size);

#endif
#endif
