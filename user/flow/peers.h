/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The peers of a flow: its sender and its receiver. */
#ifndef GAPWATCH_FLOW_PEERS_H
#define GAPWATCH_FLOW_PEERS_H

#include <stdint.h>

#include "track/flow.h"

#define PEER_CHARS 46 /* enough for an IPv6 address with an IPv4 part */

/* Addresses as text; empty: not known. */
struct peers {
    char source[PEER_CHARS];
    char destination[PEER_CHARS];
};

/* Writes the peers of KEY into PEERS: addresses of the IP header; for MACsec the MAC address in the
 * SCI, which is the sender's (802.1AE 9.9), while the destination is not known. */
void peers_format(const struct flow_key *key, struct peers *peers);

/* The UDP or TCP port from which the frames of FLOW come; 0: they have none. That of an SA in UDP
 * is the last one seen, because a NAT may change it. */
uint16_t peers_source_port(const struct flow *flow);

/* The UDP or TCP port to which the frames of FLOW go; 0: they have none. */
uint16_t peers_destination_port(const struct flow *flow);

#endif
