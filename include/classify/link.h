/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The first header of a frame, by the link that it was captured on. */
#ifndef GAPWATCH_CLASSIFY_LINK_H
#define GAPWATCH_CLASSIFY_LINK_H

#include "link/cisco_hdlc.h"
#include "link/cooked.h"
#include "link/ethernet.h"
#include "link/ieee_802_11.h"
#include "link/loopback.h"
#include "link/nflog.h"
#include "link/pktap.h"
#include "link/ppp.h"
#include "link/radiotap.h"
#include "link_type.h"
#include "network/ip_version.h"

/* Takes the link header. Returns the EtherType behind it, or STOP(outcome). */
static __always_inline int link_parse(struct frame *frame, enum link_type link)
{
    if (link == LINK_PKTAP) {
        int inner = pktap_parse(frame);

        if (inner < 0)
            return inner;
        link = (enum link_type)inner;
    }
    switch (link) {
    case LINK_ETHERNET:
        return ethernet_parse(frame);
    case LINK_RAW_IP:
        return ip_version_parse(frame);
    case LINK_LOOPBACK:
        return loopback_parse(frame);
    case LINK_COOKED_V1:
        return cooked_v1_parse(frame);
    case LINK_COOKED_V2:
        return cooked_v2_parse(frame);
    case LINK_PPP:
        return ppp_parse(frame);
    case LINK_CISCO_HDLC:
        return cisco_hdlc_parse(frame);
    case LINK_MPLS:
        return ETHERTYPE_MPLS;
    case LINK_NFLOG:
        return nflog_parse(frame);
    case LINK_IEEE_802_11:
        return ieee_802_11_parse(frame);
    case LINK_RADIOTAP:
        return radiotap_parse(frame);
    case LINK_PKTAP: /* not in itself */
    case LINK_COUNT:
        break;
    }
    return STOP(OUTCOME_NOT_IP);
}

#endif
