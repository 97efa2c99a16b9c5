/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The classifier: takes a frame, gives its frame header record and its outcome. It is compiled
 * twice: into the BPF programs, where the verifier proves that it never reads out of bounds, and
 * into the program, for the sources that see frames in user space.
 */
#ifndef GAPWATCH_CLASSIFY_H
#define GAPWATCH_CLASSIFY_H

#include "frame.h"
#include "link/cooked.h"
#include "link/ethernet.h"
#include "link/loopback.h"
#include "link/ppp.h"
#include "network/ip_version.h"
#include "network/ipv4.h"
#include "network/ipv6.h"
#include "network/mpls.h"
#include "network/pppoe.h"
#include "network/vlan.h"

#define PROTOCOL_HEADERS
#include "protocols.h"

enum link_type {
    LINK_ETHERNET,
    LINK_RAW_IP,
    LINK_LOOPBACK,
    LINK_COOKED_V1,
    LINK_COOKED_V2,
    LINK_PPP,
};

/* Takes the link header. Returns the EtherType behind it, or STOP(outcome). */
static __always_inline int classify_link(struct frame *frame, enum link_type link)
{
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
    }
    return STOP(OUTCOME_NOT_IP);
}

/* Takes the tags and labels between link header and payload. Returns the EtherType behind them, or
 * STOP(outcome). */
static __always_inline int classify_shims(struct frame *frame, int ethertype)
{
    ethertype = vlan_parse(frame, ethertype);
    if (ethertype == ETHERTYPE_PPPOE_SESSION)
        ethertype = pppoe_parse(frame);
    if (is_mpls(ethertype))
        ethertype = mpls_parse(frame);
    return ethertype;
}

/* Marks the frame as a UDP datagram on PORTS that may belong to PROTOCOL. It stays UDP until other
 * datagrams confirm this (track/candidates.h). */
static __always_inline enum outcome make_candidate(struct frame *frame, enum outcome protocol,
                                                   __u32 ports)
{
    struct frame_record *record = frame->record;

    record->key.protocol = (__u8)protocol;
    record->ports = ports;
    record->flags |= RECORD_CANDIDATE;
    return OUTCOME_UDP;
}

/* Looks into a datagram on a UDP port of the protocol table. Returns OUTCOME_NONE where it is plain
 * UDP, else the outcome of the frame. */
static __always_inline enum outcome classify_udp_payload(struct frame *frame)
{
    const struct flow_key *key = &frame->record->key;
    enum outcome outcome = OUTCOME_NONE;
    __u32 ports = key->ports;

#define ROW(id, name, label, ethertype, ip_protocol, udp_port, numbered, ...)                      \
    if (udp_port && (key->source_port == udp_port || key->destination_port == udp_port)) {         \
        outcome = udp_open_payload(frame);                                                         \
        if (outcome == OUTCOME_NONE)                                                               \
            outcome = name##_classify(frame);                                                      \
        return outcome == OUTCOME_##id ? make_candidate(frame, outcome, ports) : outcome;          \
    }
    PROTOCOL_TABLE(ROW)
#undef ROW
    return outcome;
}

/* Classifies the payload of an IP packet, whose protocol number is NEXT. */
static __always_inline enum outcome classify_ip_payload(struct frame *frame, int next)
{
    enum outcome outcome = OUTCOME_OTHER_IP;

#define ROW(id, name, label, ethertype, ip_protocol, udp_port, numbered, ...)                      \
    if (ip_protocol && next == ip_protocol)                                                        \
        outcome = name##_classify(frame);
    PROTOCOL_TABLE(ROW)
#undef ROW
    if (outcome == OUTCOME_UDP) {
        enum outcome inner = classify_udp_payload(frame);

        if (inner != OUTCOME_NONE)
            outcome = inner;
    }
    return outcome;
}

/* Classifies what follows the link header, tags and labels. */
static __always_inline enum outcome classify_payload(struct frame *frame, int ethertype)
{
    int next;

#define ROW(id, name, label, in_ethertype, ip_protocol, udp_port, numbered, ...)                   \
    if (in_ethertype && ethertype == in_ethertype)                                                 \
        return name##_classify(frame);
    PROTOCOL_TABLE(ROW)
#undef ROW
    if (ethertype == ETHERTYPE_IPV4)
        next = ipv4_parse(frame);
    else if (ethertype == ETHERTYPE_IPV6)
        next = ipv6_parse(frame);
    else
        return OUTCOME_NOT_IP;
    return stopped(next) ? stopped(next) : classify_ip_payload(frame, next);
}

/*
 * Classifies one frame. Its captured octets are DATA to END. WIRE_BYTES is its length on the wire,
 * without a VLAN tag that the NIC or the kernel removed; STRIPPED is that tag's TCI |
 * VLAN_STRIPPED, or 0. Fills in all of RECORD except the timestamp. WALK is scratch memory.
 *
 * Returns the outcome. Up to OUTCOME_LAST_PROTOCOL the outcome is a protocol and the record's key
 * names a flow. A UDP datagram that may belong to another protocol has outcome UDP and
 * RECORD_CANDIDATE set.
 */
static __always_inline enum outcome classify(enum link_type link, const __u8 *data, const __u8 *end,
                                             __u32 wire_bytes, __u32 stripped, struct walk *walk,
                                             struct frame_record *record)
{
    struct frame frame = {
        .cursor = {.data = data, .end = end, .at = &walk->position},
        .walk = walk,
        .record = record,
    };
    enum outcome outcome;
    int ethertype;

    *walk = (struct walk){.position = {.left = wire_bytes}, .stripped_tags = stripped ? 1 : 0};
    vlan_note(walk, stripped);
    __builtin_memset(record, 0, sizeof(*record));
    record->wire_bytes = wire_bytes + walk->stripped_tags * VLAN_TAG_BYTES;
    record->wire_packets = 1;
    ethertype = classify_shims(&frame, classify_link(&frame, link));
    outcome = stopped(ethertype) ? stopped(ethertype) : classify_payload(&frame, ethertype);
    if (outcome <= OUTCOME_LAST_PROTOCOL && !(record->flags & RECORD_CANDIDATE))
        record->key.protocol = (__u8)outcome;
    return outcome;
}

#endif
