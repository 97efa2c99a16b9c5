/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the first header of a frame can be. */
#ifndef GAPWATCH_LINK_TYPE_H
#define GAPWATCH_LINK_TYPE_H

enum link_type {
    LINK_ETHERNET,
    LINK_RAW_IP,
    LINK_LOOPBACK,
    LINK_COOKED_V1,
    LINK_COOKED_V2,
    LINK_PPP,
    LINK_CISCO_HDLC,
    LINK_MPLS,
    LINK_NFLOG,
    LINK_IEEE_802_11,
    LINK_RADIOTAP,
    LINK_PKTAP,
    LINK_COUNT,
};

#endif
