/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The tracker: frame header records in, flows and gaps out. It allocates nothing for a packet of a
 * known flow and does no I/O. One thread at a time may use it.
 */
#ifndef GAPWATCH_TRACK_TRACKER_H
#define GAPWATCH_TRACK_TRACKER_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "track/changes.h"
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
    struct summary evicted; /* flows that left because the table was full */
    uint64_t untracked;     /* frames for which there was no memory at all */
    struct change_log changes;
};

/* WINDOW is 1 to WINDOW_MAX, MAX_FLOWS 1 to MAX_FLOWS_MAX. TRACKER must stay where it is: its parts
 * point to each other. Returns 0, or -1: no memory. */
int tracker_init(struct tracker *tracker, uint32_t window, uint32_t max_flows);
void tracker_release(struct tracker *tracker);

/* From now on, before the first record, TRACKER keeps what changes; see track/changes.h. */
void tracker_keep_changes(struct tracker *tracker);

/* Counts COUNT records in the order given. */
void tracker_receive(struct tracker *tracker, const struct frame_record *records, size_t count);

/* The streams end here: what is still missing is lost. */
void tracker_finish(struct tracker *tracker);

/* The summary of all flows, those that left included. */
struct summary tracker_summary(const struct tracker *tracker);

#endif
