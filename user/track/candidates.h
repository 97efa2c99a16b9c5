/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * UDP datagrams that may be frames of a numbered protocol (RECORD_CANDIDATE). Any octets may look
 * like such a frame, so it takes three that agree: the same identifier, with distinct numbers near
 * each other, between the same addresses and ports. Until then the datagrams wait here. Once three
 * agreed, all that wait between those addresses and ports are such frames, and so is what follows.
 */
#ifndef GAPWATCH_TRACK_CANDIDATES_H
#define GAPWATCH_TRACK_CANDIDATES_H

#include <stdint.h>

#include "record.h"

/* Datagrams of one UDP flow that wait. More than the agreement takes: several SAs may take turns.
 */
#define CANDIDATES_HELD_MAX 8

/* Numbers that agree are at most this far from each other. */
#define CANDIDATES_NEAR 4096

struct candidate_flow;

struct candidates {
    struct candidate_flow *flows; /* a table of sets; NULL until the first candidate */
    uint64_t clock;               /* counts uses */
    uint32_t waiting;             /* flows of which datagrams wait */

    /* Counts RECORD, IS_CONFIRMED or as what it is for certain: UDP. */
    void (*count)(void *context, const struct frame_record *record, int is_confirmed);
    void *context;
};

/* The key of the UDP flow of RECORD, a candidate. */
struct flow_key candidate_udp_key(const struct frame_record *record);

void candidates_release(struct candidates *candidates);

/* Takes RECORD, whose UDP flow is of KEY with HASH. It is counted, or waits. Where there is no room
 * or memory, what waits or comes is counted as UDP. */
void candidates_receive(struct candidates *candidates, const struct frame_record *record,
                        const struct flow_key *key, uint32_t hash);

/* What has waited since before BEFORE_NS is counted as UDP. */
void candidates_expire(struct candidates *candidates, uint64_t before_ns);

/* The clock was set: moves the times of what waits by STEP_NS. */
void candidates_shift_time(struct candidates *candidates, int64_t step_ns);

#endif
