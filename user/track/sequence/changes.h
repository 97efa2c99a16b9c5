/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Changes in a tracker since the last collection, for sinks that write while it runs. The flow
 * table's mark tells which flows were used since then; flows that leave the table, and gaps, wait
 * here until they are collected. Without a change log this takes neither memory nor time.
 */
#ifndef GAPWATCH_TRACK_SEQUENCE_CHANGES_H
#define GAPWATCH_TRACK_SEQUENCE_CHANGES_H

#include <stddef.h>
#include <stdint.h>

#include "track/event.h"
#include "track/flows/flow_table.h"
#include "track/flows/sampler.h"
#include "track/peers/tie.h"
#include "track/sequence/gap.h"
#include "track/sequence/number_rate.h"
#include "track/sequence/sequence.h"

/* Bounds of what waits and of what is collected at once: about 70 MB of flows each, and 24 MB of
 * gaps. */
#define CHANGES_FLOWS_MAX   131072
#define CHANGES_LEAVING_MAX 131072
#define CHANGES_GAPS_MAX    200000
#define CHANGES_EVENTS_MAX  10000

/* A flow as it is now. Its figures count from its first frame, so that a later change replaces an
 * earlier one. */
struct flow_change {
    uint32_t handle; /* valid while it is in the table; afterwards another flow may have it */
    uint64_t last_sequence; /* valid when has_sequence is 1 */
    uint8_t has_left;       /* it has left the table, and these are its final figures */
    uint32_t departure;     /* when it has left: how many flows had left before, modulo 2^32 */
    uint8_t has_sequence;
    uint32_t
        sa_count; /* number of its SAs in struct changes, where they follow in the order of flows */
    struct flow flow;
    struct sequence_figures figures; /* without provisional changes, like the next member */
    struct replay_advice advice;
    struct number_space space;
    struct mka_record mka; /* what MKA says of the channel; protocol 0: nothing */
};

struct changes {
    struct flow_change *flows; /* first those that left the table, in that order */
    size_t flow_count;
    size_t flow_capacity;
    uint64_t flows_omitted; /* flows that left when there was no more room */
    struct sa_change *sas;  /* the SAs of these flows */
    size_t sa_count;
    size_t sa_capacity;
    struct track_event *events;
    size_t event_count;
    size_t event_capacity;
    uint64_t events_omitted;  /* events when there was no more room */
    struct tie_log ties;      /* between flows of this collection or of earlier ones */
    struct tie_log exchanges; /* between hosts */
    struct gap_log gaps;
    struct sample *samples;
    size_t sample_count;
    int has_more; /* more flows changed; the next collection has them, and gaps, events and samples
                   */
};

/* Frees what CHANGES holds, which is empty then. */
void changes_release(struct changes *changes);

/* FLOW as it is now, with HANDLE in its table, without its SAs. */
struct flow_change flow_change_of(const struct sequencer *sequencer, const struct flow *flow,
                                  uint32_t handle, int has_left);

struct change_log {
    struct flow_table *table; /* not owned, like the next member; NULL: no changes are kept */
    struct sequencer *sequencer;
    struct changes waiting;
    struct event_log events;
    struct sampler sampler;
    struct tie_log ties;
    struct tie_log exchanges;
};

/* Starts to keep changes of TABLE and SEQUENCER, which must not be moved afterwards. */
void change_log_start(struct change_log *log, struct flow_table *table,
                      struct sequencer *sequencer);
/* Frees what LOG holds. */
void change_log_release(struct change_log *log);

/* Called before flow HANDLE leaves the table; all its missing numbers are decided. */
void change_log_leave(struct change_log *log, uint32_t handle);

/* Moves the changes since the last call into CHANGES, which the caller releases. This only copies.
 * What does not fit into memory stays for the next call. */
void change_log_collect(struct change_log *log, struct changes *changes);

#endif
