/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Tunnels. The frame inside a tunnel is classified, too. If its protocol numbers its frames, the
 * frame belongs to that flow; otherwise it counts as the protocol that the outermost IP header
 * carries.
 *
 * Each look goes from one tunnel to the next. The walk keeps where the next look begins. So a look
 * is a function of its own in BPF, which the verifier proves once, and frames without tunnels do
 * not pay for it.
 */
#ifndef GAPWATCH_CLASSIFY_TUNNEL_H
#define GAPWATCH_CLASSIFY_TUNNEL_H

#include "numbered.h"
#include "protocol/udp.h"
#include "tunnel/ah.h"
#include "tunnel/erspan.h"
#include "tunnel/geneve.h"
#include "tunnel/gre.h"
#include "tunnel/gtp_u.h"
#include "tunnel/ip_in_ip.h"
#include "tunnel/srv6.h"
#include "tunnel/tzsp.h"
#include "tunnel/vxlan.h"
#include "tunnels.h"

/* How many tunnels inside each other are opened, and how many pseudowires. A frame with more is
 * OUTCOME_TOO_DEEP. */
#define TUNNELS_DEEP_MAX     2
#define PSEUDOWIRES_DEEP_MAX 2

/* Whether tunnels are found by IP protocol NEXT. */
static __always_inline int tunnel_is_protocol(int next)
{
#define ROW(id, name, protocol, other_protocol, ...)                                               \
    if (((protocol) && next == (protocol)) || ((other_protocol) && next == (other_protocol)))      \
        return 1;
    TUNNEL_TABLE(ROW)
#undef ROW
    return 0;
}

/* Whether tunnels are found by UDP destination PORT. */
static __always_inline int tunnel_is_port(int port)
{
#define ROW(id, name, protocol, other_protocol, udp_port, other_port)                              \
    if (((udp_port) && port == (udp_port)) || ((other_port) && port == (other_port)))              \
        return 1;
    TUNNEL_TABLE(ROW)
#undef ROW
    return 0;
}

/* Notes that INSIDE has to be classified, too. Unless a numbered protocol is found there, the frame
 * counts as OUTCOME, which is returned. */
static __always_inline enum outcome look_further(struct frame *frame, enum outcome outcome,
                                                 __u32 inside)
{
    struct walk *walk = frame->walk;

    walk->inside = inside;
    if (walk->has_outer && !is_numbered_protocol(outcome))
        return outcome;
    walk->has_outer = 1;
    walk->outer_outcome = outcome;
    walk->outer = *frame->record;
    walk->outer.key.protocol = (__u8)(outcome <= OUTCOME_LAST_PROTOCOL ? outcome : OUTCOME_NONE);
    return outcome;
}

/* Whether TUNNEL is one of those to open (--tunnels). */
static __always_inline int tunnel_is_chosen(const struct frame *frame, enum tunnel tunnel)
{
    return (frame->tunnels & TUNNEL_BIT(tunnel)) != 0;
}

/* Opens the tunnel of IP protocol NEXT. Returns as NAME_open() does (tunnel/gre.h). */
static __always_inline int tunnel_open_ip(struct frame *frame, int next)
{
    int opened = NOT_A_TUNNEL;

#define ROW(id, name, protocol, other_protocol, ...)                                               \
    if (((protocol) && next == (protocol)) || ((other_protocol) && next == (other_protocol)))      \
        if (opened == NOT_A_TUNNEL && tunnel_is_chosen(frame, TUNNEL_##id))                        \
            opened = name##_open(frame, next);
    TUNNEL_TABLE(ROW)
#undef ROW
    return opened;
}

/* The same of a UDP datagram to PORT, the rest of whose header is to be taken. */
static __always_inline int tunnel_open_udp(struct frame *frame, int port)
{
    enum outcome status = udp_open_payload(frame);
    int opened = status == OUTCOME_NONE ? NOT_A_TUNNEL : STOP(status);

#define ROW(id, name, protocol, other_protocol, udp_port, other_port)                              \
    if (((udp_port) && port == (udp_port)) || ((other_port) && port == (other_port)))              \
        if (opened == NOT_A_TUNNEL && tunnel_is_chosen(frame, TUNNEL_##id))                        \
            opened = name##_open(frame, port);
    TUNNEL_TABLE(ROW)
#undef ROW
    return opened;
}

/* Opens the tunnel that may be INSIDE. Returns as NAME_open() does. */
static __always_inline int tunnel_open(struct frame *frame, __u32 inside)
{
    int found_by = inside & ~INSIDE_KIND;
    int opened = (inside & INSIDE_KIND) == INSIDE_UDP ? tunnel_open_udp(frame, found_by)
                                                      : tunnel_open_ip(frame, found_by);

    if (opened >= 0 && frame->walk->tunnels++ >= TUNNELS_DEEP_MAX)
        return STOP(OUTCOME_TOO_DEEP);
    return opened;
}

/* Called after a look that ended with OUTCOME. Returns the outcome that counts: a numbered protocol
 * if one was found, else that of the outermost header. Headers that are too deep do not matter
 * behind a numbered protocol (AH). */
static __always_inline enum outcome tunnel_settle(struct frame *frame, enum outcome outcome)
{
    struct walk *walk = frame->walk;
    struct frame_record *record = frame->record;
    int is_numbered_frame =
        is_numbered_protocol(outcome) ||
        (record->flags & RECORD_CANDIDATE && !is_numbered_protocol(walk->outer_outcome));

    if (outcome == OUTCOME_TRUNCATED)
        walk->is_cut |= CUT_TUNNEL;
    if (walk->inside || !walk->has_outer || is_numbered_frame ||
        (outcome == OUTCOME_TOO_DEEP && !is_numbered_protocol(walk->outer_outcome)))
        return outcome;
    *record = walk->outer;
    return walk->outer_outcome;
}

#endif
