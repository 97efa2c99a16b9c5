/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * UDP datagrams that may be frames of a numbered protocol (RECORD_CANDIDATE). Any octets may look
 * like such a frame, so three must agree: the same identifier, with distinct numbers near each
 * other, between the same addresses and ports. Until then the datagrams wait here. Once three
 * agree, all that wait between those addresses and ports are such frames, and all later ones are.
 */
#ifndef GAPWATCH_TRACK_CANDIDATES_H
#define GAPWATCH_TRACK_CANDIDATES_H

#include <stdint.h>

#include "record.h"

/* The most datagrams of one UDP flow that wait: more than three, as several SAs may alternate. */
#define CANDIDATES_HELD_MAX 8

/* Numbers that agree are at most this far apart. */
#define CANDIDATES_NEAR 4096

struct candidate_flow;

struct candidates {
    struct candidate_flow *flows; /* a table of sets; NULL until the first candidate */
    uint64_t clock;               /* counts uses, for the order of use */
    uint32_t waiting;             /* flows that have waiting datagrams */

    /* Counts RECORD: as what its key names if IS_CONFIRMED, else as UDP. */
    void (*count)(void *context, const struct frame_record *record, int is_confirmed);
    void *context;
};

/* The key of the UDP flow of RECORD, which is a candidate. */
struct flow_key candidate_udp_key(const struct frame_record *record);

/* Frees the table. Datagrams that wait are not counted. */
void candidates_release(struct candidates *candidates);

/* Takes RECORD, whose UDP flow has KEY and HASH. It is counted now, or waits. Without room or
 * memory, it or what it replaces is counted as UDP. */
void candidates_receive(struct candidates *candidates, const struct frame_record *record,
                        const struct flow_key *key, uint32_t hash);

/* Counts as UDP the datagrams of flows whose last one came before BEFORE_NS. */
void candidates_expire(struct candidates *candidates, uint64_t before_ns);

/* The clock was set: moves the times of waiting datagrams by STEP_NS. */
void candidates_shift_time(struct candidates *candidates, int64_t step_ns);

#endif
