/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "flow/peers.h"

#include "base/text.h"
#include "outcome.h"

#define MAC_OCTETS 6

/* The SCI is the sender's MAC address and a port number of 16 bits. */
static void format_mac(uint64_t sci, char *chars)
{
    struct text text = text_over(chars, PEER_CHARS);

    for (int i = 1; i <= MAC_OCTETS; i++)
        text_add(&text, "%s%02x", i > 1 ? ":" : "", (unsigned)(sci >> (64 - 8 * i)) & 0xFF);
}

static void format_address(unsigned family, const unsigned char *octets, char *chars)
{
    struct text text = text_over(chars, PEER_CHARS);

    text_add_address(&text, family, octets);
}

void peers_format(const struct flow_key *key, struct peers *peers)
{
    *peers = (struct peers){0};
    if (key->protocol == OUTCOME_MACSEC) {
        format_mac(key->sci, peers->source);
    } else if (key->family) {
        format_address(key->family, key->source, peers->source);
        format_address(key->family, key->destination, peers->destination);
    }
}

/* The ports of FLOW, as they lie in a key: those of its key, or else of the datagrams around it. */
static struct flow_key ports_of(const struct flow *flow)
{
    if (flow->key.protocol == OUTCOME_TCP || flow->key.protocol == OUTCOME_UDP)
        return flow->key;
    return (struct flow_key){.ports = flow->ports};
}

uint16_t peers_source_port(const struct flow *flow)
{
    return ports_of(flow).source_port;
}

uint16_t peers_destination_port(const struct flow *flow)
{
    return ports_of(flow).destination_port;
}
