/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Classifies a frame from its EtherType on: tags before the payload, IP, and protocols. */
#ifndef GAPWATCH_CLASSIFY_PAYLOAD_H
#define GAPWATCH_CLASSIFY_PAYLOAD_H

#include "classify/esp_in_tcp.h"
#include "classify/tunnel.h"
#include "ike.h"
#include "network/ipv4.h"
#include "network/ipv6.h"
#include "network/mka.h"
#include "network/mpls.h"
#include "network/pppoe.h"
#include "network/tags.h"
#include "numbered.h"

#define PROTOCOL_HEADERS
#include "protocols.h"

/* Octets of a datagram's payload that show whether a closer look is needed. */
#define FORM_BYTES 4

/* Called when the datagram on PORTS looks like a frame of PROTOCOL: marks it as a candidate, which
 * counts as UDP until others agree. */
static __always_inline enum outcome make_candidate(struct frame *frame, enum outcome protocol,
                                                   __u32 ports)
{
    struct frame_record *record = frame->record;

    record->key.protocol = (__u8)protocol;
    record->key.ports = has_ports(protocol) ? ports : 0;
    record->ports = ports;
    record->flags |= RECORD_CANDIDATE;
    return OUTCOME_UDP;
}

/* Whether WORD, the first four octets of a datagram's payload, has the form of a protocol that is
 * found on any port. */
static __always_inline int has_form(__u32 word)
{
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, form, ...)                          \
    if (form(word))                                                                                \
        return 1;
    PROTOCOL_TABLE(ROW)
#undef ROW
    return 0;
}

/* The protocol that the form of a datagram shows; the cursor of FRAME is at the datagram's payload.
 * OUTCOME_NONE: no protocol has this form, and the cursor has not moved. */
static __always_inline enum outcome classify_form(struct frame *frame)
{
    const __u8 *octets = cursor_peek(&frame->cursor, FORM_BYTES);
    enum outcome outcome = OUTCOME_NONE;
    __u32 word;

    if (!octets)
        return OUTCOME_NONE;
    word = load_be32(octets);
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, form, ...)                          \
    if (form(word))                                                                                \
        outcome = name##_classify(frame);
    PROTOCOL_TABLE(ROW)
#undef ROW
    return outcome;
}

/* The protocol that the ports of a datagram show, or OUTCOME_NONE. The cursor of FRAME is at the
 * datagram's payload. */
static __always_inline enum outcome classify_port(struct frame *frame)
{
    const struct flow_key *key = &frame->record->key;

#define ROW(id, name, label, ethertype, ip_protocol, udp_port, ...)                                \
    if (udp_port && (key->source_port == udp_port || key->destination_port == udp_port))           \
        return name##_classify(frame);
    PROTOCOL_TABLE(ROW)
#undef ROW
    return esp_classify(frame);
}

/* The outcome of the datagram of FRAME, whose ports the record has and whose form shows no
 * protocol. */
static __always_inline enum outcome classify_by_port(struct frame *frame)
{
    struct frame_record *record = frame->record;
    const struct flow_key *key = &record->key;
    int is_esp = is_esp_port(frame->esp_ports, key->source_port, key->destination_port);
    enum outcome outcome;
    __u32 ports;

    if (!is_esp && !is_protocol_port(key)) {
        if (tunnel_is_port(key->destination_port))
            return look_further(frame, OUTCOME_UDP, INSIDE_UDP | key->destination_port);
        if (!frame->esp_ports->any)
            return OUTCOME_UDP;
    }
    ports = key->ports;
    outcome = udp_open_payload(frame);
    if (outcome != OUTCOME_NONE)
        return outcome;
    outcome = is_esp ? esp_classify(frame) : classify_port(frame);
    if (outcome > OUTCOME_LAST_PROTOCOL)
        return outcome;
    if (outcome == OUTCOME_NONE)
        return OUTCOME_UDP;
    make_candidate(frame, outcome, ports);
    if (!is_esp)
        return OUTCOME_UDP;
    record->flags &= ~RECORD_CANDIDATE;
    return outcome;
}

/* The outcome of the datagram of FRAME, whose ports the record has. */
static __always_inline enum outcome classify_udp_payload(struct frame *frame)
{
    const __u8 *rest = cursor_peek(&frame->cursor, UDP_REST_BYTES + FORM_BYTES);

    if (rest && has_form(load_be32(rest + UDP_REST_BYTES)))
        return look_further(frame, OUTCOME_UDP, INSIDE_FORM);
    if (!rest && frame->cursor.at->left >= UDP_REST_BYTES + FORM_BYTES)
        frame->walk->is_cut |= CUT_FORM;
    return classify_by_port(frame);
}

/* Another look at a datagram whose first octets have a form. */
static __always_inline enum outcome classify_by_form(struct frame *frame)
{
    struct position before = *frame->cursor.at;
    __u32 ports = frame->record->key.ports;
    enum outcome outcome = udp_open_payload(frame);

    if (outcome == OUTCOME_NONE)
        outcome = classify_form(frame);
    if (outcome != OUTCOME_NONE)
        return outcome > OUTCOME_LAST_PROTOCOL ? outcome : make_candidate(frame, outcome, ports);
    *frame->cursor.at = before;
    frame->walk->in_udp = 0;
    return classify_by_port(frame);
}

/* Classifies the payload of an IP packet, of protocol number NEXT, at which the cursor of FRAME is.
 * Sets walk->inside when classify_inside() has to go on. */
static __always_inline enum outcome classify_ip_payload(struct frame *frame, int next)
{
    enum outcome outcome = OUTCOME_OTHER_IP;

#define ROW(id, name, label, ethertype, ip_protocol, udp_port, ...)                                \
    if (ip_protocol && next == ip_protocol)                                                        \
        outcome = name##_classify(frame);
    PROTOCOL_TABLE(ROW)
#undef ROW
    if (outcome == OUTCOME_UDP) {
        ike_note(frame);
        return classify_udp_payload(frame);
    }
    if (outcome == OUTCOME_TCP && !frame->walk->has_outer && esp_in_tcp_is_on(frame))
        frame->walk->inside = INSIDE_TCP;
    if ((outcome == OUTCOME_OTHER_IP || outcome == OUTCOME_AH) && tunnel_is_protocol(next))
        return look_further(frame, outcome, INSIDE_IP | (__u32)next);
    return outcome;
}

/* Handles a payload of ETHERTYPE, which has no protocol of the table but may be needed: EAPOL. */
static __always_inline enum outcome look_at_other(struct frame *frame, int ethertype)
{
    if (ethertype == ETHERTYPE_EAPOL)
        frame->walk->inside = INSIDE_EAPOL;
    return OUTCOME_NOT_IP;
}

/* Classifies the payload of ETHERTYPE, at which the cursor of FRAME is. As classify_ip_payload().
 */
static __always_inline enum outcome classify_payload(struct frame *frame, int ethertype)
{
    int next;

#define ROW(id, name, label, in_ethertype, ...)                                                    \
    if (in_ethertype && ethertype == in_ethertype)                                                 \
        return name##_classify(frame);
    PROTOCOL_TABLE(ROW)
#undef ROW
    if (ethertype == ETHERTYPE_IPV4)
        next = ipv4_parse(frame);
    else if (ethertype == ETHERTYPE_IPV6)
        next = ipv6_parse(frame);
    else
        return look_at_other(frame, ethertype);
    return stopped(next) ? stopped(next) : classify_ip_payload(frame, next);
}

/* Whether ETHERTYPE is that of a payload, without tags before it. Nearly all frames have such an
 * EtherType in their link header. */
static __always_inline int is_payload(int ethertype)
{
#define ROW(id, name, label, in_ethertype, ...)                                                    \
    if (in_ethertype && ethertype == in_ethertype)                                                 \
        return 1;
    PROTOCOL_TABLE(ROW)
#undef ROW
    return ethertype == ETHERTYPE_IPV4 || ethertype == ETHERTYPE_IPV6;
}

/* Takes the headers between a link header with ETHERTYPE and the payload. Returns the EtherType
 * behind it, one of enum inside where another look is needed, or STOP(outcome). Of the outermost
 * header, tags other than VLAN's are left to that look. */
static __always_inline int classify_shims(struct frame *frame, int ethertype, int is_outermost)
{
    ethertype = is_outermost ? vlans_parse(frame, ethertype) : tags_parse(frame, ethertype);
    if (ethertype == ETHERTYPE_PPPOE_SESSION)
        ethertype = pppoe_parse(frame);
    if (is_mpls(ethertype))
        return mpls_parse(frame);
    return ethertype >= 0 && is_tag(ethertype) ? (int)INSIDE_TAG | ethertype : ethertype;
}

/* Classifies the rest of a frame, behind a link header with ETHERTYPE. ETHERTYPE may also be
 * STOP(outcome). */
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
