/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The tracker: takes frame header records and finds flows and gaps. It allocates nothing for a
 * packet of a known flow and does no I/O. Only one thread at a time may use it. */
#ifndef GAPWATCH_TRACK_TRACKER_H
#define GAPWATCH_TRACK_TRACKER_H

#include <stddef.h>
#include <stdint.h>

#include "missed.h"
#include "outcome.h"
#include "record.h"
#include "track/departed.h"
#include "track/flows/candidates.h"
#include "track/flows/flow_table.h"
#include "track/peers/exchanges.h"
#include "track/peers/key_agreement.h"
#include "track/sequence/changes.h"
#include "track/sequence/gap.h"
#include "track/sequence/mirrors.h"
#include "track/sequence/moves.h"
#include "track/sequence/sequence.h"
#include "track/summary.h"

#define MAX_FLOWS_DEFAULT 1000000
#define MAX_FLOWS_MAX     100000000

struct tracker {
    struct flow_table table;
    struct sequencer sequencer;
    struct gap_log gaps;
    struct departed departed;
    struct sa_log sas;      /* ended SAs, if they are kept */
    struct summary evicted; /* flows that left because the table was full or they were idle */
    uint64_t untracked;     /* frames for which there was no memory */
    uint32_t protocols;     /* protocols that are tracked, a set of PROTOCOL_BITs */
    struct candidates candidates;
    struct mirrors mirrors;
    struct mka mka;
    struct moves moves;
    struct exchanges exchanges;
    uint64_t confirmed[OUTCOME_PROTOCOLS_END]; /* confirmed candidates, by protocol */
    struct change_log changes;
};

/* Makes TRACKER empty. WINDOW is 1 to WINDOW_MAX, MAX_FLOWS 1 to MAX_FLOWS_MAX. TRACKER must not be
 * moved, because its parts point to each other. Returns 0, or -1: no memory. */
int tracker_init(struct tracker *tracker, uint32_t window, uint32_t max_flows);
/* Frees everything that TRACKER holds. */
void tracker_release(struct tracker *tracker);

/* Called before the first record: tracks only flows of PROTOCOLS, a set of PROTOCOL_BITs. The
 * source selects the same; only candidates remain to be decided here. */
void tracker_select(struct tracker *tracker, uint32_t protocols);

/* Called before the first record: TRACKER keeps its changes (track/sequence/changes.h). */
void tracker_keep_changes(struct tracker *tracker);

/* Called before the first record: TRACKER keeps ended SAs for the report. */
void tracker_keep_sas(struct tracker *tracker);

/* Counts COUNT records in the order given. Records with RECORD_MISSED stand for an element of
 * MISSED, which may be NULL when there are none. */
void tracker_receive(struct tracker *tracker, const struct frame_record *records, size_t count,
                     const struct missed_frames *missed);

/* As tracker_receive() of frames that the sensor got on several interfaces: ORIGINS has the origin
 * (base/origin.h) of each record. */
void tracker_receive_of(struct tracker *tracker, const struct frame_record *records,
                        const uint8_t *origins, size_t count);

/* The SA of the flow TO replaced that of the flow FROM at TIMESTAMP_NS, which is certain. Flows
 * with these keys need not exist yet. */
void tracker_follows(struct tracker *tracker, const struct flow_key *to,
                     const struct flow_key *from, uint64_t timestamp_ns);

/* The clock of a file was set at SET_NS, by its time made continuous (source/file/clock.h): how
 * much time passed there is unknown. 0: it was not set. */
void tracker_note_clock_set(struct tracker *tracker, uint64_t set_ns);

/* Reports as an event that the clock was set by STEP_NS, found at NOW_NS by the new time. */
void tracker_tell_clock_step(struct tracker *tracker, int64_t step_ns, uint64_t now_ns);

/* The sensor lost frames, or saw none, for some of the time from FROM_NS to UNTIL_NS. Gaps that
 * touch it and are found from now on are undetermined. */
void tracker_note_drops(struct tracker *tracker, uint64_t from_ns, uint64_t until_ns);

/* The same, of COUNT SPANS: each concerns only flows of which frames came from its origin. */
void tracker_note_losses(struct tracker *tracker, const struct lost_span *spans, size_t count);

/* The clock was set: moves all times so far by STEP_NS. */
void tracker_shift_time(struct tracker *tracker, int64_t step_ns);

/* Removes flows whose last frame came before BEFORE_NS; their missing numbers are lost. Candidates
 * that have waited since then count as UDP. */
void tracker_expire_idle(struct tracker *tracker, uint64_t before_ns);

/* Ends the streams of TRACKER: missing numbers are lost, and waiting candidates count as UDP. */
void tracker_finish(struct tracker *tracker);

/* Corrects OUTCOMES, in which confirmed candidates are counted as UDP. */
void tracker_correct_outcomes(const struct tracker *tracker, uint64_t outcomes[OUTCOME_COUNT]);

/* The sums over all flows of TRACKER, including those that left. */
struct summary tracker_summary(const struct tracker *tracker);

#endif
