/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A flow. A million of them must fit into memory, so sizes are part of the design: with one
 * position, its place in the table and in the order of use, a flow takes at most 424 bytes. */
#ifndef GAPWATCH_TRACK_FLOW_H
#define GAPWATCH_TRACK_FLOW_H

#include <stddef.h>
#include <stdint.h>

#include "base/wide.h"
#include "outcome.h"
#include "record.h"
#include "track/cause.h"

/* Times between frames, in nanoseconds. Sums of squares are exact, so no stream loses precision. */
struct timing {
    uint64_t last_ns; /* latest time so far */
    uint64_t sum_ns;
    wide squares;
    uint64_t min_ns;
    uint64_t max_ns;
};

/* Counts of the numbers of one SA, or of all SAs of a flow. */
struct sequence_figures {
    uint64_t received; /* distinct numbers that were accepted */
    uint64_t lost[CAUSE_COUNT];
    uint64_t gaps;
    uint64_t duplicates;
    uint64_t reordered;
    uint64_t late;
    uint64_t skipped; /* numbers that no sender can have filled */
    uint64_t min_gap; /* 0: no gap yet */
    uint64_t max_gap;
    uint32_t max_reorder_distance;
    uint32_t wraparounds;
};

#define ESP_SEGMENTS_MIN 3

struct flow {
    /* What every frame reads or changes comes first, so that it takes few cache lines. */
    struct flow_key key;
    uint32_t position; /* the believed one (track/sequence/position.h); POOL_NONE: fewer than two
                          numbers */
    uint32_t channel;  /* the other positions (track/sequence/channel.h); POOL_NONE: none */
    uint8_t flags;     /* enum record_flags */
    uint8_t mixed_senders; /* 1: several senders use one SA and cannot be told apart */
    uint8_t has_first : 1; /* a first number came; until the second, only first_sequence is kept */
    uint8_t ran_ahead : 3; /* numbers ahead that were reached and did not come again, less those
                              that did: hypotheses of one or two, at most RAN_AHEAD_MAX */
    union {
        uint8_t association;  /* of the first number */
        uint8_t esp_segments; /* TCP: segments that showed ESP in it; ESP_SEGMENTS_MIN prove it */
    };
    uint32_t
        came; /* the move (track/sequence/moves.h) by which its peer came from another source */
    uint32_t went;    /* the move by which its peer went to another source; POOL_NONE: none */
    uint32_t origins; /* where its frames came from, a set of origins (base/origin.h) */
    uint32_t ports;   /* of the datagrams around it, as in struct flow_key; 0: none */
    uint64_t packets;
    uint64_t bytes;
    uint64_t first_ns; /* earliest time */
    struct timing timing;

    /* From here on few frames do. */
    union {
        uint64_t first_sequence; /* as on the wire */
        uint64_t esp_message;    /* TCP: SPI and number of the ESP message in it seen last */
    };
    uint64_t outliers;   /* frames that belong to no believed SA */
    uint64_t unobserved; /* frames that the sensor missed, and counted nevertheless */
    uint64_t merged;     /* packets that the kernel had merged, and whose numbers are unknown */
    uint32_t restarts;
    uint32_t rekeys;
    uint32_t rates;       /* struct number_rates; POOL_NONE: its numbers do not run out soon */
    uint32_t copies;      /* frames that were dropped because they were copies */
    uint32_t alone;       /* frames that had no copy, where copies are looked for */
    uint32_t first_ports; /* `ports` of its first frame */
};

#define FLOW_HOT_BYTES offsetof(struct flow, first_sequence)

_Static_assert(sizeof(struct flow) <= 208, "part of the budget of a flow");

/* Whether FLOW is a TCP connection that carries ESP (include/classify/esp_in_tcp.h). */
static inline int flow_has_esp_in_tcp(const struct flow *flow)
{
    return flow->key.protocol == OUTCOME_TCP && flow->esp_segments >= ESP_SEGMENTS_MIN;
}

#endif
