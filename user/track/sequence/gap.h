/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A gap: a maximal run of numbers that never arrived, between two that did. */
#ifndef GAPWATCH_TRACK_SEQUENCE_GAP_H
#define GAPWATCH_TRACK_SEQUENCE_GAP_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "track/cause.h"

/* The number of kept gaps is bounded; further ones count in their flows and as omitted. */
#define GAPS_KEPT_MAX 1000000

struct gap {
    struct flow_key key;
    uint64_t timestamp_ns;      /* arrival of the frame behind the gap */
    uint64_t duration_ns;       /* time since the frame before the gap */
    uint64_t first_number;      /* the missing numbers, extended to 64 bits; an SA starts at its */
    uint64_t last_number;       /* first number on the wire, or at what MKA tells (upper.h) */
    uint64_t expected_sequence; /* as on the wire, like the next member */
    uint64_t received_sequence;
    uint64_t size; /* missing numbers; a jump of half of all numbers cannot be seen */
    uint32_t cause;
    uint32_t generation;  /* of the SA: number of SAs that the flow had before it */
    uint8_t association;  /* of the SA */
    uint8_t is_withdrawn; /* withdraws the gap of the same flow, SA and first number that was
                             reported before */
    uint8_t is_update;    /* the gap was reported before, and more of its numbers came late since */
    uint8_t is_waiting;  /* in the log of all gaps: sinks will get it, so an update is not needed */
    uint32_t late_after; /* how many of its numbers came late */
    uint32_t departures; /* those of the log when it was added to that */
    uint32_t link;  /* in the log of all gaps: the gap before of the same SA; in a copy: the gap
                       itself. Its index there, plus 1; 0: none */
    uint32_t skip;  /* in the log of all gaps: an earlier gap of the same SA, in the same way */
    uint32_t depth; /* the number of gaps in the row of links from this one on */
};

struct gap_log {
    struct gap *gaps;
    size_t count;
    size_t capacity;
    size_t limit;
    size_t withdrawn;    /* of those in `gaps` */
    uint64_t omitted;    /* gaps when the log was full */
    uint32_t departures; /* how many flows left the table so far, modulo 2^32; for sinks */
};

/* Makes LOG empty, for at most LIMIT gaps. */
void gap_log_init(struct gap_log *log, size_t limit);
/* Frees the gaps in LOG. */
void gap_log_release(struct gap_log *log);

/* Adds a copy of GAP. Returns 0, or -1 when the log or memory is full; then it counts as omitted.
 */
int gap_log_add(struct gap_log *log, const struct gap *gap);

/* The gap LINK of LOG: its index there, plus 1. */
static inline struct gap *gap_log_at(const struct gap_log *log, uint32_t link)
{
    return &log->gaps[link - 1];
}

/* Links GAP to LAST, the gap before of its SA in LOG, and to one further back, so that any gap of
 * the SA is found in logarithmic time (a skew-binary list, after Myers). */
void gap_link(const struct gap_log *log, struct gap *gap, uint32_t last);

/* Withdraws the gap LINK of LOG, and reports that to NEW_GAPS, unless it is NULL. */
void gap_log_withdraw(struct gap_log *log, uint32_t link, struct gap_log *new_gaps);

/* The gap LINK of LOG, or else the last one before it in its SA that is not withdrawn; 0: none. */
uint32_t gap_log_standing(const struct gap_log *log, uint32_t link);

/* Removes withdrawn gaps from LOG. */
void gap_log_drop_withdrawn(struct gap_log *log);

/* The clock was set: moves every gap by STEP_NS. */
void gap_log_shift_time(struct gap_log *log, int64_t step_ns);

/* The name of CAUSE in JSON, SQL and the API ("network"). */
const char *gap_cause_name(enum gap_cause cause);

#endif
