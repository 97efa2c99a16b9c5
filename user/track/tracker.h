/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The tracker: frame header records in, flows and gaps out. It allocates nothing for a packet of a
 * known flow and does no I/O. One thread at a time may use it.
 */
#ifndef GAPWATCH_TRACK_TRACKER_H
#define GAPWATCH_TRACK_TRACKER_H

#include <stddef.h>
#include <stdint.h>

#include "missed.h"
#include "outcome.h"
#include "record.h"
#include "track/candidates.h"
#include "track/changes.h"
#include "track/departed.h"
#include "track/flow_table.h"
#include "track/gap.h"
#include "track/sequence.h"
#include "track/summary.h"

#define MAX_FLOWS_DEFAULT 1000000
#define MAX_FLOWS_MAX     100000000

struct tracker {
    struct flow_table table;
    struct sequencer sequencer;
    struct gap_log gaps;
    struct departed departed;
    struct summary evicted; /* flows that left: the table was full, or they were idle */
    uint64_t untracked;     /* frames for which there was no memory at all */
    uint32_t protocols;     /* that are tracked, a set of PROTOCOL_BITs */
    struct candidates candidates;
    uint64_t confirmed[OUTCOME_PROTOCOLS_END]; /* candidates that were what they could be, by what
                                                  that was */
    struct change_log changes;
};

/* WINDOW is 1 to WINDOW_MAX, MAX_FLOWS 1 to MAX_FLOWS_MAX. TRACKER must stay where it is: its parts
 * point to each other. Returns 0, or -1: no memory. */
int tracker_init(struct tracker *tracker, uint32_t window, uint32_t max_flows);
void tracker_release(struct tracker *tracker);

/* From now on, before the first record, only flows of PROTOCOLS, a set of PROTOCOL_BITs, are kept.
 * The source makes the same choice; what is left to decide here is what candidates are. */
void tracker_select(struct tracker *tracker, uint32_t protocols);

/* From now on, before the first record, TRACKER keeps what changes; see track/changes.h. */
void tracker_keep_changes(struct tracker *tracker);

/* Counts COUNT records in the order given. Those with RECORD_MISSED stand for one of MISSED,
 * which may be NULL where there is no such record. */
void tracker_receive(struct tracker *tracker, const struct frame_record *records, size_t count,
                     const struct missed_frames *missed);

/* The sensor was blind for some of the time from FROM_NS to UNTIL_NS: a gap that touches it and is
 * found from now on is undetermined. */
void tracker_note_blind(struct tracker *tracker, uint64_t from_ns, uint64_t until_ns);

/* The clock was set: what was counted so far is dated anew, STEP_NS later. */
void tracker_shift_time(struct tracker *tracker, int64_t step_ns);

/* Flows whose last frame came before BEFORE_NS leave the table; what is missing in them is lost.
 * Candidates that have waited since then are UDP. */
void tracker_expire_idle(struct tracker *tracker, uint64_t before_ns);

/* The streams end here: what is still missing is lost, and candidates that wait are UDP. */
void tracker_finish(struct tracker *tracker);

/* Candidates are classified as UDP: moves those of OUTCOMES that are something else, as it turned
 * out, to where they belong. */
void tracker_correct_outcomes(const struct tracker *tracker, uint64_t outcomes[OUTCOME_COUNT]);

/* The summary of all flows, those that left included. */
struct summary tracker_summary(const struct tracker *tracker);

#endif
