/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which protocols of the table number their frames. */
#ifndef GAPWATCH_NUMBERED_H
#define GAPWATCH_NUMBERED_H

#include "outcome.h"
#include "record.h"

static __always_inline int is_numbered_protocol(__u32 protocol)
{
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, numbered, ...)                      \
    if (numbered && protocol == OUTCOME_##id)                                                      \
        return 1;
    PROTOCOL_TABLE(ROW)
#undef ROW
    return 0;
}

/* Whether what is of KEY has numbers: frames of such a protocol, and those that mirrors count. */
static __always_inline int is_numbered(const struct flow_key *key)
{
    return is_numbered_protocol(key->protocol) || key->protocol == PROTOCOL_MIRROR;
}

/* How many numbers in a row RECORD stands for, its own the first of them. */
static __always_inline __u32 numbers_of(const struct frame_record *record)
{
    return record->flags & RECORD_MERGED ? 1 : record->wire_packets;
}

#endif
