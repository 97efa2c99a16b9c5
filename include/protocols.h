/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The protocol table, one row for each protocol. A protocol's header file is protocol/NAME.h, which
 * defines NAME_classify() (see protocol/esp.h); it is included at the end of this file.
 *
 *   ID         OUTCOME_ID in the code
 *   name       prefix of its functions, and its name in JSON, SQL and the API
 *   label      its name in text reports
 *   EtherType, IP protocol, UDP port: the number that announces it; 0 means none
 *   form       of UDP datagrams on any port: a macro that tells whether the first four octets, as a
 *              big-endian number, may be this protocol; its NAME_classify() looks closer. NO_FORM:
 *              only the port tells
 *   bits       width of the sequence number on the wire: 16 to 64; 0 when there is none
 *   end        numbers end at 2^end, so a new key is needed before; an SA that goes on beyond has
 *              longer numbers, of which frames carry the low part (XPN). NUMBERS_UNTOLD: frames do
 *              not show where numbers end
 *   first      the first number of an SA
 *   ports      1 when the ports are part of the flow
 *   flow id    template of its flows' ids, with fields of the flow's key (user/flow/id.h)
 */
#ifndef GAPWATCH_PROTOCOLS_H
#define GAPWATCH_PROTOCOLS_H

#define NO_FORM(word)  0
#define NUMBERS_UNTOLD 65 /* more than any number of bits */

/* clang-format off */
/*      ID       name    label      EtherType IP protocol UDP port form  bits end first ports  flow id */
#define PROTOCOL_TABLE(ROW)                                                                        \
    ROW(MACSEC,    macsec,    "MACsec",    0x88E5, 0,  0,    NO_FORM, 32, 32, 1, 0,                \
        "MACsec { sci: $sci$vlans }")                                                              \
    ROW(ESP,       esp,       "ESP",       0,      50, 4500, NO_FORM, 32, NUMBERS_UNTOLD, 1, 0,    \
        "IPsec { spi: $identifier, dst: $dst, src: $src }")                                        \
    ROW(AH,        ah,        "AH",        0,      51, 0,    NO_FORM, 32, NUMBERS_UNTOLD, 1, 0,    \
        "AH { spi: $identifier, dst: $dst, src: $src }")                                           \
    ROW(WIREGUARD, wireguard, "WireGuard", 0,      0,  0,    WIREGUARD_MAY_BE, 64, 64, 0, 0,       \
        "WireGuard { receiver: $identifier, dst: $dst, src: $src }")                               \
    ROW(OPENVPN,   openvpn,   "OpenVPN",   0,      0,  0,    OPENVPN_MAY_BE, 32, 32, 1, 1,         \
        "OpenVPN { peer: $peer, key: $key, $from -> $to }")                                        \
    ROW(DTLS,      dtls,      "DTLS",      0,      0,  0,    DTLS_MAY_BE, 48, 48, 0, 1,            \
        "DTLS { $from -> $to }")                                                                   \
    ROW(TCP,       tcp,       "TCP",       0,      6,  0,    NO_FORM, 0,  0,  0, 1,                \
        "TCP { $from -> $to }")                                                                    \
    ROW(UDP,       udp,       "UDP",       0,      17, 0,    NO_FORM, 0,  0,  0, 1,                \
        "UDP { $from -> $to }")
/* clang-format on */

#endif

/* The protocols' header files, for classify/payload.h. */
#ifdef PROTOCOL_HEADERS
#include "protocol/ah.h"
#include "protocol/dtls.h"
#include "protocol/esp.h"
#include "protocol/macsec.h"
#include "protocol/openvpn.h"
#include "protocol/tcp.h"
#include "protocol/udp.h"
#include "protocol/wireguard.h"
#endif
