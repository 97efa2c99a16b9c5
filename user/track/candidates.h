/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * UDP datagrams that may be frames of a numbered protocol (RECORD_CANDIDATE). Any octets may look
 * like such a frame, so it takes three that agree: the same identifier, with distinct numbers near
 * each other, between the same addresses and ports. Until then the datagrams wait here.
 *
 * Where three agreed once, a next identifier is most likely the next SA of the same peers: two of
 * its frames are enough, and one where no other comes. That ends when datagrams pile up of which no
 * two agree: something else uses these addresses and ports as well.
 */
#ifndef GAPWATCH_TRACK_CANDIDATES_H
#define GAPWATCH_TRACK_CANDIDATES_H

#include <stdint.h>

#include "base/pool.h"
#include "record.h"

/* Datagrams of one pair of addresses and ports that wait. More than the agreement takes: several
 * SAs may take turns, and frames may come twice. */
#define CANDIDATES_HELD_MAX 32

/* Pairs of addresses and ports that are known at a time, and datagrams of all of them that wait:
 * some 56 MB in all. Beyond that, what waits of a pair chosen at random is UDP. */
#define CANDIDATES_PAIRS_MAX   (1u << 18)
#define CANDIDATES_RECORDS_MAX (2 * CANDIDATES_PAIRS_MAX)

/* Numbers that agree are at most this far from each other. */
#define CANDIDATES_NEAR 4096

struct candidates {
    uint32_t *buckets;   /* pairs by their hash; NULL until the first candidate */
    struct pool pairs;   /* addresses and ports of a UDP flow */
    struct pool records; /* datagrams that wait */
    uint32_t waiting;    /* pairs of which datagrams wait */
    uint32_t random;     /* the last of a row of numbers that chooses who leaves */

    /* Counts RECORD, IS_CONFIRMED or as what it is for certain: UDP. */
    void (*count)(void *context, const struct frame_record *record, int is_confirmed);
    void *context;
};

/* The key of the UDP flow of RECORD, a candidate. */
struct flow_key candidate_udp_key(const struct frame_record *record);

void candidates_release(struct candidates *candidates);

/* Takes RECORD, whose UDP flow is of KEY with HASH. It is counted, or waits. Where there is no
 * memory it is counted as UDP. */
void candidates_receive(struct candidates *candidates, const struct frame_record *record,
                        const struct flow_key *key, uint32_t hash);

/* What has waited since before BEFORE_NS waits no longer: it is counted as what is most likely. */
void candidates_expire(struct candidates *candidates, uint64_t before_ns);

/* The clock was set: moves the times of what waits by STEP_NS. */
void candidates_shift_time(struct candidates *candidates, int64_t step_ns);

#endif
