/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The structures from which the values in the tables of figures (table.h) are computed. The caller
 * fills one in for each row. They own nothing. */
#ifndef GAPWATCH_FIGURES_ROWS_H
#define GAPWATCH_FIGURES_ROWS_H

#include <math.h>
#include <stdint.h>

#include "figures/table.h"
#include "flow/figures.h"
#include "flow/id.h"
#include "flow/outcome_name.h"
#include "flow/peers.h"
#include "lineage/names.h"
#include "source/source.h"
#include "track/event.h"
#include "track/flow.h"
#include "track/flows/timing.h"
#include "track/peers/key_agreement.h"
#include "track/sequence/gap.h"
#include "track/sequence/number_rate.h"
#include "track/sequence/sa.h"
#include "track/summary.h"

/* FLOW's handles and its own figures are not used; FIGURES has the flow's figures. */
struct flow_row {
    const char *id; /* used only for the keys of the table, like the next member */
    const struct peers *peers;
    struct flow flow;
    struct sequence_figures figures;
    struct replay_advice advice;
    struct number_space space;
    uint64_t last_sequence;
    int has_sequence;
    uint64_t silent_ns;   /* the flow's last frame while it is silent, else 0 */
    uint32_t earlier_sas; /* SAs of the flow before it was evicted and came back */
    struct bond_names names;
    char mka[MKA_TEXT_CHARS]; /* what MKA reports of the channel, as JSON; empty: no MKA was seen */
};

/* Sets ROW's member mka to SAID as JSON. */
static inline void flow_row_put_mka(struct flow_row *row, const struct mka_record *said)
{
    struct text text = text_over(row->mka, sizeof(row->mka));

    if (said->protocol)
        mka_describe(said, &text);
}

struct sa_row {
    const struct sa_change *sa;
    const char *flow_id;
    uint64_t generation; /* number of SAs of the flow before this one, also before it was evicted */
    struct bond_names names;
};

struct gap_row {
    const struct gap *gap;
    const char *flow_id;
    int64_t sa_id; /* 0: the SA has no row */
};

struct event_row {
    const struct track_event *event;
    const char *flow_id; /* NULL: the event belongs to no flow */
    const char *detail;
};

struct interval_row {
    uint64_t start_ns;
    uint64_t length_ns;
    uint64_t packets;
    uint64_t bytes;
    uint64_t numbered;         /* packets that carry sequence numbers */
    int64_t lost[CAUSE_COUNT]; /* negative when losses written before are taken back */
};

/* What one flush adds to a capture, and the capture's present state. */
struct capture_row {
    const char *source;
    const char *method;
    uint32_t window;
    uint64_t flush_interval; /* seconds */
    uint64_t now_ns;
    struct source_statistics seen;
    struct summary total; /* of this flush; a sum that decreases wraps modulo 2^64 */
    uint64_t flows_evicted;
    uint64_t flows_omitted;
    uint64_t gaps_omitted;
    uint64_t events_omitted;
    double seconds; /* duration of the flush */
};

/* Whether no more frames of the SA are expected. One of several that two hosts use side by side may
 * just be idle. */
static inline int sa_row_has_ended(const struct sa_row *row)
{
    if (row->sa->has_ended == SA_LEFT)
        return row->names.is_replaced || !row->names.has_mates;
    return row->sa->has_ended || row->names.is_replaced;
}

/* The number of times between frames: one fewer than there are frames. */
static inline uint64_t flow_row_intervals(const struct flow_row *row)
{
    return row->flow.packets - 1;
}

/* INTERVAL_NS, a time between frames; FIGURE_NULL when there is only one frame. */
static inline uint64_t flow_row_interval(const struct flow_row *row, uint64_t interval_ns)
{
    return flow_row_intervals(row) ? interval_ns : FIGURE_NULL;
}

/* Mean of the times between frames, in milliseconds; NAN when there is only one frame. */
static inline double flow_row_mean_ms(const struct flow_row *row)
{
    uint64_t intervals = flow_row_intervals(row);

    return intervals ? timing_mean(&row->flow.timing, intervals) / NS_PER_MS : NAN;
}

/* Their standard deviation, in milliseconds; NAN when there is only one frame. */
static inline double flow_row_deviation_ms(const struct flow_row *row)
{
    uint64_t intervals = flow_row_intervals(row);

    return intervals ? timing_deviation(&row->flow.timing, intervals) / NS_PER_MS : NAN;
}

/* ADDRESS, or NULL when it is not known. */
static inline const char *flow_row_peer(const char *address)
{
    return *address ? address : NULL;
}

/* Mean bandwidth from the first to the latest frame, in Mb/s; NAN when no time passed. */
static inline double flow_row_bandwidth(const struct flow_row *row)
{
    return bandwidth_mbps(row->flow.bytes, row->flow.first_ns, row->flow.timing.last_ns);
}

/* TIME_NS, the time of a frame of the capture; FIGURE_NULL when there was no frame. */
static inline uint64_t capture_row_time(const struct capture_row *row, uint64_t time_ns)
{
    return row->total.flows || row->total.last_ns ? time_ns : FIGURE_NULL;
}

/* All packets of an SA. */
static inline uint64_t figures_packets(const struct sequence_figures *figures)
{
    return figures->received + figures->duplicates + figures->late;
}

#endif
