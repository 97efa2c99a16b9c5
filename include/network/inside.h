/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What a header may announce besides an EtherType. */
#ifndef GAPWATCH_NETWORK_INSIDE_H
#define GAPWATCH_NETWORK_INSIDE_H

#include "network/ethertype.h"

enum inside {
    INSIDE_TAG = 0x10000,         /* plus its EtherType: a tag other than VLAN's */
    INSIDE_LABELS = 0x20000,      /* behind MPLS labels: maybe a pseudowire's frame */
    INSIDE_UDP = 0x30000,         /* plus its port: a datagram that may be a tunnel */
    INSIDE_IP = 0x40000,          /* plus its number: an IP protocol, which may be a tunnel */
    INSIDE_IEEE_802_11 = 0x50000, /* a wireless frame */
    INSIDE_IP_PROTOCOL = 0x60000, /* plus its number: an IP protocol that belongs to the IP header
                                     before the tunnel's (AH) */
    INSIDE_FORM = 0x70000,        /* a datagram whose form may show its protocol */
    INSIDE_EAPOL = 0x80000,       /* maybe a PDU of MKA */
    INSIDE_TCP = 0x90000,         /* a segment on a port where TCP may carry ESP */
    INSIDE_KIND = 0xFFFF0000u,
};

/* The header does not belong to a tunnel after all. */
#define NOT_A_TUNNEL STOP(OUTCOME_OTHER_IP)

#endif
