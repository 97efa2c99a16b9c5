/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the values in the tables of figures (table.h) are computed from. Whoever writes rows fills
 * one in; nothing in it is owned. */
#ifndef GAPWATCH_FIGURES_ROWS_H
#define GAPWATCH_FIGURES_ROWS_H

#include <math.h>
#include <stdint.h>

#include "figures/table.h"
#include "flow/figures.h"
#include "flow/id.h"
#include "flow/outcome_name.h"
#include "source/source.h"
#include "track/event.h"
#include "track/flow.h"
#include "track/gap.h"
#include "track/sa.h"
#include "track/summary.h"
#include "track/timing.h"

/* A flow's handles and own figures mean nothing here. */
struct flow_row {
    const char *id; /* needed for its keys alone */
    struct flow flow;
    struct sequence_figures figures;
    uint32_t last_sequence;
    int has_sequence;
    uint64_t silent_ns;   /* since when it is silent; 0: it is not */
    uint32_t earlier_sas; /* that it had before it was forgotten and came back */
};

struct sa_row {
    const struct sa_change *sa;
    const char *flow_id;
    uint64_t generation; /* in the row's flow, which may have had SAs before it was forgotten */
};

struct gap_row {
    const struct gap *gap;
    const char *flow_id;
    int64_t sa_id; /* 0: it has no row */
};

struct event_row {
    const struct track_event *event;
    const char *flow_id; /* NULL: of no flow */
    const char *detail;
};

struct interval_row {
    uint64_t start_ns;
    uint64_t length_ns;
    uint64_t packets;
    uint64_t bytes;
    int64_t lost[CAUSE_COUNT]; /* below 0: they were told to be lost, and are not */
};

/* What one flush adds to a capture, and what it is now. */
struct capture_row {
    const char *source;
    const char *method;
    uint32_t window;
    uint64_t now_ns;
    struct source_statistics seen;
    struct summary total; /* of the flush; a sum that falls is that much below 2^64 */
    uint64_t flows_evicted;
    uint64_t flows_omitted;
    uint64_t gaps_omitted;
    uint64_t events_omitted;
    double seconds; /* that the flush took */
};

/* Times between frames: one fewer than there are frames. */
static inline uint64_t flow_row_intervals(const struct flow_row *row)
{
    return row->flow.packets - 1;
}

/* A time between frames; FIGURE_NULL when there is none. */
static inline uint64_t flow_row_interval(const struct flow_row *row, uint64_t interval_ns)
{
    return flow_row_intervals(row) ? interval_ns : FIGURE_NULL;
}

/* Mean and deviation of the times between frames, in milliseconds; NAN when there is none. */
static inline double flow_row_mean_ms(const struct flow_row *row)
{
    uint64_t intervals = flow_row_intervals(row);

    return intervals ? timing_mean(&row->flow.timing, intervals) / NS_PER_MS : NAN;
}

static inline double flow_row_deviation_ms(const struct flow_row *row)
{
    uint64_t intervals = flow_row_intervals(row);

    return intervals ? timing_deviation(&row->flow.timing, intervals) / NS_PER_MS : NAN;
}

/* Over the time from its first to its latest frame; NAN when no time passed. */
static inline double flow_row_bandwidth(const struct flow_row *row)
{
    return bandwidth_mbps(row->flow.bytes, row->flow.first_ns, row->flow.timing.last_ns);
}

/* A time of the frames of a capture; FIGURE_NULL when there is none. */
static inline uint64_t capture_row_time(const struct capture_row *row, uint64_t time_ns)
{
    return row->total.flows || row->total.last_ns ? time_ns : FIGURE_NULL;
}

/* All frames of an SA. */
static inline uint64_t figures_packets(const struct sequence_figures *figures)
{
    return figures->received + figures->duplicates + figures->late;
}

#endif
