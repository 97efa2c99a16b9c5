/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * UDP datagrams that may be frames of a numbered protocol (RECORD_CANDIDATE). Any octets may look
 * like such a frame, so several must agree: the same identifier, between the same pair of addresses
 * and ports, with numbers that rise as those of a sender do (track/flows/rise.h). Until then the
 * datagrams wait here.
 *
 * Once enough have agreed, the pair is confirmed. Another identifier of a confirmed pair is
 * probably its next SA: two frames that agree are then enough, or one if no other follows. Two are
 * also enough for an SA that is known from another source, whose numbers they go on from: its peer
 * moved. A pair stops being confirmed when many datagrams wait of which no two agree, as something
 * else uses these addresses and ports too.
 */
#ifndef GAPWATCH_TRACK_FLOWS_CANDIDATES_H
#define GAPWATCH_TRACK_FLOWS_CANDIDATES_H

#include <stdint.h>

#include "base/pool.h"
#include "record.h"

/* The most datagrams of one pair that wait. More than three, because several SAs may alternate and
 * frames may arrive twice. */
#define CANDIDATES_HELD_MAX 32

/* The most pairs of addresses and ports in the table, and the most waiting datagrams of all pairs:
 * 64 MB in all. Beyond that, the waiting datagrams of random pairs are counted as UDP. */
#define CANDIDATES_PAIRS_MAX   (1u << 18)
#define CANDIDATES_RECORDS_MAX (2 * CANDIDATES_PAIRS_MAX)

struct candidates {
    uint32_t *buckets;   /* hash table of pairs; NULL until the first candidate */
    struct pool pairs;   /* addresses and ports of a UDP flow */
    struct pool records; /* waiting datagrams */
    uint32_t waiting;    /* pairs that have waiting datagrams */
    uint32_t random;     /* state of the random number generator that chooses pairs to remove */

    /* Counts RECORD, of one of ORIGINS (base/origin.h): as what its key names if IS_CONFIRMED, else
     * as UDP. */
    void (*count)(void *context, const struct frame_record *record, uint32_t origins,
                  int is_confirmed);

    /* Notes that the SA of the flow KEY took over from that of the flow BEFORE at TIMESTAMP_NS. */
    void (*follows)(void *context, const struct flow_key *key, const struct flow_key *before,
                    uint64_t timestamp_ns);

    /* Whether a flow with the identifier of RECORD, from another source, has numbers near it. */
    int (*is_known)(void *context, const struct frame_record *record);

    /* The hash of KEY. */
    uint32_t (*hash)(void *context, const struct flow_key *key);
    void *context;
};

/* The key of the UDP flow of RECORD, which is a candidate. */
struct flow_key candidate_udp_key(const struct frame_record *record);

/* Frees the table of CANDIDATES. Datagrams that wait are not counted. */
void candidates_release(struct candidates *candidates);

/*
 * Takes RECORD, of one of ORIGINS, whose UDP flow has KEY and HASH, and UDP_PACKETS so far. It is
 * counted now, or waits. Without memory it is counted as UDP. WireGuard seldom shares its addresses
 * and ports: where other datagrams came before, it is WireGuard only if a handshake announced it.
 */
void candidates_receive(struct candidates *candidates, const struct frame_record *record,
                        uint32_t origins, const struct flow_key *key, uint32_t hash,
                        uint64_t udp_packets);

/* Takes RECORD, a handshake (RECORD_HANDSHAKE), whose UDP flow has KEY. Counts it as UDP, and keeps
 * the identifier that it gives to the other direction. */
void candidates_handshake(struct candidates *candidates, const struct frame_record *record,
                          const struct flow_key *key);

/* Counts the datagrams of pairs whose last one came before BEFORE_NS: as their protocol if the pair
 * is confirmed and they may be its next SA, else as UDP. */
void candidates_expire(struct candidates *candidates, uint64_t before_ns);

/* The clock was set: moves the times of waiting datagrams by STEP_NS. */
void candidates_shift_time(struct candidates *candidates, int64_t step_ns);

#endif
