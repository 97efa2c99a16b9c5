/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* EtherTypes and PPP protocol numbers (IANA registries) of the headers below the payload. */
#ifndef GAPWATCH_NETWORK_ETHERTYPE_H
#define GAPWATCH_NETWORK_ETHERTYPE_H

#include "frame.h"

#define ETHERTYPE_LLC            0x0000 /* none: LLC follows, and no field says how long it is */
#define ETHERTYPE_FIRST          0x0600 /* smaller is a length, and LLC follows */
#define ETHERTYPE_IPV4           0x0800
#define ETHERTYPE_BRIDGED        0x6558 /* a whole Ethernet frame, from its destination on */
#define ETHERTYPE_VLAN           0x8100 /* IEEE 802.1Q customer tag */
#define ETHERTYPE_IPV6           0x86DD
#define ETHERTYPE_MPLS           0x8847
#define ETHERTYPE_MPLS_MULTICAST 0x8848
#define ETHERTYPE_PPPOE_SESSION  0x8864
#define ETHERTYPE_SERVICE_VLAN   0x88A8 /* IEEE 802.1ad service tag */
#define ETHERTYPE_MACSEC         0x88E5
#define ETHERTYPE_CMD            0x8909 /* Cisco MetaData: a security group tag */
#define ETHERTYPE_VN_TAG         0x8926 /* Cisco VN-Tag */
#define ETHERTYPE_E_TAG          0x893F /* IEEE 802.1BR */
#define ETHERTYPE_LEGACY_QINQ    0x9100
#define ETHERTYPE_LEGACY_QINQ_2  0x9200
#define ETHERTYPE_R_TAG          0xF1C1 /* IEEE 802.1CB */

#define PPP_IPV4           0x0021
#define PPP_IPV6           0x0057
#define PPP_MPLS           0x0281
#define PPP_MPLS_MULTICAST 0x0283

/* The EtherType that corresponds to a PPP protocol number, or STOP(outcome). */
static __always_inline int ethertype_of_ppp(__u16 protocol)
{
    switch (protocol) {
    case PPP_IPV4:
        return ETHERTYPE_IPV4;
    case PPP_IPV6:
        return ETHERTYPE_IPV6;
    case PPP_MPLS:
        return ETHERTYPE_MPLS;
    case PPP_MPLS_MULTICAST:
        return ETHERTYPE_MPLS_MULTICAST;
    default:
        return STOP(OUTCOME_NOT_IP);
    }
}

#endif
