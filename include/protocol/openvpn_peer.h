/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The identifier of an OpenVPN flow: the peer id in the upper 24 bits, and the key's id
 * (protocol/openvpn.h). */
#ifndef GAPWATCH_PROTOCOL_OPENVPN_PEER_H
#define GAPWATCH_PROTOCOL_OPENVPN_PEER_H

#define OPENVPN_KEY_OF(identifier)  ((identifier)&0xFF)
#define OPENVPN_PEER_OF(identifier) ((identifier) >> 8)

#define OPENVPN_PEER_GIVEN_MAX 0xFFFFu   /* servers give out no higher ones */
#define OPENVPN_PEER_NONE      0xFFFFFFu /* none was agreed on */
#define OPENVPN_PEER_PAIR      0x76706Eu /* "vpn": two peers of version 2.5 without a server */

#endif
