/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * An Ethernet frame straight behind an IPv6 header, with or without a segment routing header in
 * between: RFC 8986 section 5.3 (H.Encaps.L2). IP packets that SRv6 carries are IP in IP.
 */
#ifndef GAPWATCH_TUNNEL_SRV6_H
#define GAPWATCH_TUNNEL_SRV6_H

#include "network/inside.h"

/* See gre_open() in tunnel/gre.h. */
static __always_inline int srv6_open(struct frame *frame, int by)
{
    (void)by;
    return frame->record->key.family == 6 ? ETHERTYPE_BRIDGED : NOT_A_TUNNEL;
}

#endif
