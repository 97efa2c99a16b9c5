/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What changed in a tracker since it was last asked, for whoever keeps results while it runs. The
 * flow table's mark tells which flows were used since; flows that leave the table, and gaps, wait
 * here until they are collected. Without a change log none of this takes memory or time.
 */
#ifndef GAPWATCH_TRACK_CHANGES_H
#define GAPWATCH_TRACK_CHANGES_H

#include <stddef.h>
#include <stdint.h>

#include "track/event.h"
#include "track/flow_table.h"
#include "track/gap.h"
#include "track/sequence.h"

/* What waits and what is collected at a time are bounded: at most about 70 MB of flows each, and 24
 * of gaps. */
#define CHANGES_FLOWS_MAX   131072
#define CHANGES_LEAVING_MAX 131072
#define CHANGES_GAPS_MAX    200000
#define CHANGES_EVENTS_MAX  10000

/* A flow as it is now. Its figures count from its first frame, so a newer one replaces an older. */
struct flow_change {
    uint32_t handle;        /* while it is in the table; afterwards another flow may have it */
    uint32_t last_sequence; /* when it has one */
    uint8_t has_left;       /* these are its final figures */
    uint8_t has_sequence;
    uint32_t sa_count; /* of its SAs, which come in the order of their flows */
    struct flow flow;
    struct sequence_figures figures; /* without what is provisional */
};

struct changes {
    struct flow_change *flows; /* those that left, in the order in which they did, come first */
    size_t flow_count;
    size_t flow_capacity;
    uint64_t flows_omitted; /* that left when there was no more room for them */
    struct sa_change *sas;  /* of these flows */
    size_t sa_count;
    size_t sa_capacity;
    struct track_event *events;
    size_t event_count;
    size_t event_capacity;
    uint64_t events_omitted; /* when there were too many */
    struct gap_log gaps;
    int has_more; /* further flows changed; with gaps, the next collection has them */
};

void changes_release(struct changes *changes);

/* FLOW, with HANDLE in its table, as it is now, but for its SAs. */
struct flow_change flow_change_of(const struct sequencer *sequencer, const struct flow *flow,
                                  uint32_t handle, int has_left);

struct change_log {
    struct flow_table *table; /* not owned, like the next; NULL: no changes are kept */
    struct sequencer *sequencer;
    struct changes waiting;
    struct event_log events;
};

/* From now on the changes of TABLE and SEQUENCER, which must stay where they are, are kept. */
void change_log_start(struct change_log *log, struct flow_table *table,
                      struct sequencer *sequencer);
void change_log_release(struct change_log *log);

/* The flow HANDLE is about to leave the table, and nothing of it is missing any more. */
void change_log_leave(struct change_log *log, uint32_t handle);

/*
 * Moves what changed since the last time into CHANGES, which the caller releases: copies, nothing
 * else. Without memory for all of it, what does not fit stays for the next time.
 */
void change_log_collect(struct change_log *log, struct changes *changes);

#endif
