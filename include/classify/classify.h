/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The classifier: takes a frame, gives its frame header record and its outcome. It is compiled
 * twice: into the BPF programs, where the verifier proves that it never reads out of bounds, and
 * into the program, for the sources that see frames in user space.
 */
#ifndef GAPWATCH_CLASSIFY_CLASSIFY_H
#define GAPWATCH_CLASSIFY_CLASSIFY_H

#include "classify/link.h"
#include "classify/payload.h"
#include "classify/tunnel.h"
#include "frame.h"

/* How frames are to be classified; the same for all of a source. */
struct classifier {
    enum link_type link;
    __u32 tunnels;   /* that are opened, a set of TUNNEL_BITs */
    __u32 protocols; /* that are tracked, a set of PROTOCOL_BITs */
    struct esp_ports esp_ports;
};

/* The state of the parsers for the captured octets DATA to END. It points to CLASSIFIER, WALK and
 * RECORD, and does not change them. */
static __always_inline struct frame frame_over(const struct classifier *classifier,
                                               const __u8 *data, const __u8 *end, struct walk *walk,
                                               struct frame_record *record)
{
    return (struct frame){
        .cursor = {.data = data, .end = end, .at = &walk->position},
        .walk = walk,
        .record = record,
        .tunnels = classifier->tunnels,
        .esp_ports = &classifier->esp_ports,
    };
}

/* Writes a protocol's OUTCOME to the key of RECORD, unless a parser named the protocol of a
 * candidate there. */
static __always_inline void name_protocol(struct frame_record *record, enum outcome outcome)
{
    if (outcome <= OUTCOME_LAST_PROTOCOL && !(record->flags & RECORD_CANDIDATE))
        record->key.protocol = (__u8)outcome;
}

/*
 * Classifies one frame of LINK, which is the classifier's; BPF programs make it one of few
 * constants. Its captured octets are DATA to END. WIRE_BYTES is its length on the wire, without a
 * VLAN tag that the NIC or the kernel removed; STRIPPED is that tag's TCI | VLAN_STRIPPED, or 0.
 * Fills in all of RECORD except the timestamp. WALK is scratch memory.
 *
 * Returns the outcome. Up to OUTCOME_LAST_PROTOCOL the outcome is a protocol and the record's key
 * names a flow. A UDP datagram that may belong to another protocol has outcome UDP and
 * RECORD_CANDIDATE set. Where walk->inside is not 0, classify_inside() has to go on.
 */
static __always_inline enum outcome classify_outermost(const struct classifier *classifier,
                                                       enum link_type link, const __u8 *data,
                                                       const __u8 *end, __u32 wire_bytes,
                                                       __u32 stripped, struct walk *walk,
                                                       struct frame_record *record)
{
    struct frame frame = frame_over(classifier, data, end, walk, record);
    enum outcome outcome;

    walk_begin(walk, wire_bytes, stripped ? 1 : 0);
    vlan_note(walk, stripped);
    __builtin_memset(record, 0, sizeof(*record));
    record->wire_bytes = wire_bytes + walk->stripped_tags * VLAN_TAG_BYTES;
    record->wire_packets = 1;
    outcome = classify_behind_link(&frame, link_parse(&frame, link), 1);
    name_protocol(record, outcome);
    return outcome;
}

/* Called before the frame or IP packet inside a tunnel: forgets what came from the headers before
 * it. */
static __always_inline void begin_inside(struct frame *frame)
{
    struct walk *walk = frame->walk;

    __builtin_memset(&frame->record->key, 0, sizeof(frame->record->key));
    walk->in_udp = 0;
    walk->vlans = 0;
    walk->vlan_tags = 0;
    walk->source_mac = 0;
}

/* Goes to what follows MPLS labels. Returns the EtherType, or STOP(outcome). */
static __always_inline int enter_pseudowire(struct frame *frame)
{
    int status = pseudowire_parse(frame);

    if (status < 0)
        return status;
    if (frame->walk->pseudowires++ >= PSEUDOWIRES_DEEP_MAX)
        return STOP(OUTCOME_TOO_DEEP);
    begin_inside(frame);
    return ethernet_parse(frame);
}

/* Goes to what a tunnel OPENED to. Returns the EtherType, INSIDE_IP_PROTOCOL and a number, or
 * STOP(outcome). */
static __always_inline int enter_tunnel(struct frame *frame, int opened)
{
    if (opened < 0 || opened >= INSIDE_IP_PROTOCOL) {
        frame->record->key.identifier = 0;
        return opened;
    }
    begin_inside(frame);
    if (opened == INSIDE_IEEE_802_11)
        return ieee_802_11_parse(frame);
    return opened == ETHERTYPE_BRIDGED ? ethernet_parse(frame) : opened;
}

/* Classifies what is INSIDE. */
static __always_inline enum outcome look_inside(struct frame *frame, __u32 inside)
{
    int next;

    switch (inside & INSIDE_KIND) {
    case INSIDE_TAG:
        next = (int)(inside & ~INSIDE_KIND);
        break;
    case INSIDE_EAPOL:
        mka_note(frame);
        return OUTCOME_NOT_IP;
    case INSIDE_TCP:
        esp_in_tcp_note(frame);
        return OUTCOME_TCP;
    case INSIDE_FORM:
        return classify_by_form(frame);
    case INSIDE_LABELS:
        next = enter_pseudowire(frame);
        break;
    default:
        next = enter_tunnel(frame, tunnel_open(frame, inside));
        break;
    }
    if (next >= INSIDE_IP_PROTOCOL)
        return classify_ip_payload(frame, next & (int)~INSIDE_KIND);
    return classify_behind_link(frame, next, 0);
}

/* Classifies further, at the place inside the frame where classify_outermost() or an earlier call
 * of this function stopped. WALK and RECORD are the same. Returns the outcome as it is now. */
static APART enum outcome classify_inside(const struct classifier *classifier, const __u8 *data,
                                          const __u8 *end, struct walk *walk,
                                          struct frame_record *record)
{
    struct frame frame = frame_over(classifier, data, end, walk, record);
    __u32 inside = walk->inside;
    enum outcome outcome;

    walk->inside = 0;
    outcome = look_inside(&frame, inside);
    name_protocol(record, outcome);
    return tunnel_settle(&frame, outcome);
}

/* The most calls of classify_inside() for a frame: one for tags, one for the form of a datagram,
 * and one more than the number of nested tunnels and pseudowires. */
#define INSIDE_STEPS_MAX (2 + TUNNELS_DEEP_MAX + 1 + PSEUDOWIRES_DEEP_MAX + 1)

/* Classifies a frame completely. Parameters and result are those of classify_outermost(), with the
 * classifier's link. */
static inline enum outcome classify(const struct classifier *classifier, const __u8 *data,
                                    const __u8 *end, __u32 wire_bytes, __u32 stripped,
                                    struct walk *walk, struct frame_record *record)
{
    enum outcome outcome = classify_outermost(classifier, classifier->link, data, end, wire_bytes,
                                              stripped, walk, record);

    while (walk->inside)
        outcome = classify_inside(classifier, data, end, walk, record);
    return outcome;
}

#endif
