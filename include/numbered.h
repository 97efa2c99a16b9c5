/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which protocols number their frames. */
#ifndef GAPWATCH_NUMBERED_H
#define GAPWATCH_NUMBERED_H

#include "outcome.h"
#include "record.h"

/* Whether the frames of PROTOCOL, an outcome, carry sequence numbers. */
static __always_inline int is_numbered_protocol(__u32 protocol)
{
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, form, bits, ...)                    \
    if ((bits) && protocol == OUTCOME_##id)                                                        \
        return 1;
    PROTOCOL_TABLE(ROW)
#undef ROW
    return 0;
}

/* How many bits of its numbers the frames of PROTOCOL carry, which has numbers. */
static __always_inline unsigned number_bits(__u32 protocol)
{
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, form, bits, ...)                    \
    if ((bits) && protocol == OUTCOME_##id)                                                        \
        return bits;
    PROTOCOL_TABLE(ROW)
#undef ROW
    return 32;
}

/* The first number of an SA of PROTOCOL. */
static __always_inline unsigned first_number(__u32 protocol)
{
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, form, bits, end, first, ...)        \
    if (protocol == OUTCOME_##id)                                                                  \
        return first;
    PROTOCOL_TABLE(ROW)
#undef ROW
    return 0;
}

/* Whether the ports are part of a flow of PROTOCOL. */
static __always_inline int has_ports(__u32 protocol)
{
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, form, bits, end, first, ports, ...) \
    if ((ports) && protocol == OUTCOME_##id)                                                       \
        return 1;
    PROTOCOL_TABLE(ROW)
#undef ROW
    return 0;
}

/* Whether the frames of the flow KEY carry sequence numbers. True of a mirror's tunnel, too. */
static __always_inline int is_numbered(const struct flow_key *key)
{
    return is_numbered_protocol(key->protocol) || key->protocol == PROTOCOL_MIRROR;
}

/* How many consecutive numbers RECORD stands for, starting at its own. Of a merged frame only the
 * first number is known. */
static __always_inline __u32 numbers_of(const struct frame_record *record)
{
    return record->flags & RECORD_MERGED || !record->wire_packets ? 1 : record->wire_packets;
}

/* Whether a datagram on the ports of KEY carries a protocol of the table, or may do so. */
static __always_inline int is_protocol_port(const struct flow_key *key)
{
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, ...)                                \
    if (udp_port && (key->source_port == udp_port || key->destination_port == udp_port))           \
        return 1;
    PROTOCOL_TABLE(ROW)
#undef ROW
    return 0;
}

#endif
