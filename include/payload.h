/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* From an EtherType to what the frame is: what stands in front of the payload, IP, and protocols.
 */
#ifndef GAPWATCH_PAYLOAD_H
#define GAPWATCH_PAYLOAD_H

#include "ike.h"
#include "network/ipv4.h"
#include "network/ipv6.h"
#include "network/mpls.h"
#include "network/pppoe.h"
#include "network/tags.h"
#include "numbered.h"
#include "tunnel.h"

#define PROTOCOL_HEADERS
#include "protocols.h"

/* The datagram on PORTS looks like a frame of PROTOCOL. It is UDP until others agree. */
static __always_inline enum outcome make_candidate(struct frame *frame, enum outcome protocol,
                                                   __u32 ports)
{
    struct frame_record *record = frame->record;

    record->key.protocol = (__u8)protocol;
    record->ports = ports;
    record->flags |= RECORD_CANDIDATE;
    return OUTCOME_UDP;
}

/* What the datagram of FRAME carries, whose ports the record has. */
static __always_inline enum outcome classify_udp_payload(struct frame *frame)
{
    const struct flow_key *key = &frame->record->key;
    enum outcome outcome;
    __u32 ports = key->ports;

    if (!is_protocol_port(key))
        return tunnel_is_port(key->destination_port)
                   ? look_further(frame, OUTCOME_UDP, INSIDE_UDP | key->destination_port)
                   : OUTCOME_UDP;
    outcome = udp_open_payload(frame);
    if (outcome != OUTCOME_NONE)
        return outcome;
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, numbered, ...)                      \
    if (udp_port && (key->source_port == udp_port || key->destination_port == udp_port)) {         \
        outcome = name##_classify(frame);                                                          \
        if (outcome == OUTCOME_##id)                                                               \
            return make_candidate(frame, outcome, ports);                                          \
        return outcome == OUTCOME_NONE ? OUTCOME_UDP : outcome;                                    \
    }
    PROTOCOL_TABLE(ROW)
#undef ROW
    return OUTCOME_UDP;
}

static __always_inline enum outcome classify_ip_payload(struct frame *frame, int next)
{
    enum outcome outcome = OUTCOME_OTHER_IP;

#define ROW(id, name, label, ethertype, ip_protocol, udp_port, numbered, ...)                      \
    if (ip_protocol && next == ip_protocol)                                                        \
        outcome = name##_classify(frame);
    PROTOCOL_TABLE(ROW)
#undef ROW
    if (outcome == OUTCOME_UDP) {
        ike_note(frame);
        return classify_udp_payload(frame);
    }
    if (outcome == OUTCOME_OTHER_IP && tunnel_is_protocol(next))
        return look_further(frame, outcome, INSIDE_IP | (__u32)next);
    return outcome;
}

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

/* Whether ETHERTYPE is of a payload: what nearly all frames say behind their link header. */
static __always_inline int is_payload(int ethertype)
{
#define ROW(id, name, label, in_ethertype, ...)                                                    \
    if (in_ethertype && ethertype == in_ethertype)                                                 \
        return 1;
    PROTOCOL_TABLE(ROW)
#undef ROW
    return ethertype == ETHERTYPE_IPV4 || ethertype == ETHERTYPE_IPV6;
}

/* Takes what stands between a link header, which said ETHERTYPE, and the payload. Returns the
 * EtherType behind it, one of enum inside where another look is needed, or STOP(outcome). Of the
 * outermost header, tags other than VLAN's are left to that look. */
static __always_inline int classify_shims(struct frame *frame, int ethertype, int is_outermost)
{
    ethertype = is_outermost ? vlans_parse(frame, ethertype) : tags_parse(frame, ethertype);
    if (ethertype == ETHERTYPE_PPPOE_SESSION)
        ethertype = pppoe_parse(frame);
    if (is_mpls(ethertype))
        return mpls_parse(frame);
    return ethertype >= 0 && is_tag(ethertype) ? (int)INSIDE_TAG | ethertype : ethertype;
}

/* Goes on behind a link header that said ETHERTYPE, or STOP(outcome). */
static __always_inline enum outcome classify_behind_link(struct frame *frame, int ethertype,
                                                         int is_outermost)
{
    if (!is_payload(ethertype))
        ethertype = classify_shims(frame, ethertype, is_outermost);
    if (ethertype >= INSIDE_TAG) {
        frame->walk->inside = (__u32)ethertype;
        return OUTCOME_NOT_IP;
    }
    return stopped(ethertype) ? stopped(ethertype) : classify_payload(frame, ethertype);
}

#endif
