/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * An IP packet in another: RFC 2003 (IPv4 in IPv4), RFC 2473 (in IPv6; SRv6 does this too, RFC 8986
 * section 5), RFC 4213 section 3 (IPv6 in IPv4, "6in4"). The protocol number tells which it is, and
 * there is no header between the two.
 */
#ifndef GAPWATCH_TUNNEL_IP_IN_IP_H
#define GAPWATCH_TUNNEL_IP_IN_IP_H

#include "network/inside.h"

#define IP_PROTOCOL_IPV4 4

/* See gre_open() in tunnel/gre.h. */
static __always_inline int ip_in_ip_open(struct frame *frame, int by)
{
    (void)frame;
    return by == IP_PROTOCOL_IPV4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
}

#endif
