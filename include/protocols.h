/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The protocol table, one row for each protocol. A protocol's header file is protocol/NAME.h, which
 * defines NAME_classify() (see protocol/esp.h); it is included at the end of this file.
 *
 *   ID         OUTCOME_ID in the code
 *   name       prefix of its functions, and its name in JSON, SQL and the API
 *   label      its name in text reports
 *   EtherType, IP protocol, UDP port: the number that announces it; 0 means none
 *   numbered   0 when its frames carry no sequence number that grows by one a frame; 32 when its
 *              numbers end at 2^32, so that a new key is due before (those that wrap all the same
 *              are the low half of longer ones); 64 when they do not, or when frames do not tell
 *   flow id    template of its flows' ids, with fields of the flow's key (user/flow/id.h)
 */
#ifndef GAPWATCH_PROTOCOLS_H
#define GAPWATCH_PROTOCOLS_H

/* clang-format off */
/*      ID      name    label     EtherType  IP protocol  UDP port  numbered  flow id */
#define PROTOCOL_TABLE(ROW)                                                                        \
    ROW(MACSEC, macsec, "MACsec", 0x88E5,    0,           0,        32,                            \
        "MACsec { sci: $sci$vlans }")                                                              \
    ROW(ESP,    esp,    "ESP",    0,         50,          4500,     64,                            \
        "IPsec { spi: $identifier, dst: $dst, src: $src }")                                        \
    ROW(TCP,    tcp,    "TCP",    0,         6,           0,        0,                             \
        "TCP { $from -> $to }")                                                                    \
    ROW(UDP,    udp,    "UDP",    0,         17,          0,        0,                             \
        "UDP { $from -> $to }")
/* clang-format on */

#endif

/* The protocols' header files, for classify.h. */
#ifdef PROTOCOL_HEADERS
#include "protocol/esp.h"
#include "protocol/macsec.h"
#include "protocol/tcp.h"
#include "protocol/udp.h"
#endif
