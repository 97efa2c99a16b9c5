/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Figures of a flow that are derived from its counters. */
#ifndef GAPWATCH_FLOW_FIGURES_H
#define GAPWATCH_FLOW_FIGURES_H

#include <stdint.h>

#include "base/units.h"
#include "track/flow.h"

/* Packets lost, whatever the cause. */
static inline uint64_t figures_lost(const struct sequence_figures *figures)
{
    return figures->lost[CAUSE_NETWORK] + figures->lost[CAUSE_UNDETERMINED];
}

/* Packets that the network lost, over these plus distinct packets received, by FIGURES; NAN when
 * there are none. */
double loss_ratio(const struct sequence_figures *figures);

/* The mean length of a run of lost numbers in FIGURES, over the length that independent losses of
 * this ratio would give; NAN when nothing was lost. */
double loss_run_ratio(const struct sequence_figures *figures);

/* Whether FIGURES suggest that the sensor sees one of several paths of the flow: much is missing,
 * and the loss does not cluster. This is a hint, no proof. */
int is_partial_view(const struct sequence_figures *figures);

/* No flow counts as silent earlier. */
#define SILENCE_NS (30 * NS_PER_SECOND)

/* Whether a flow is silent at NOW_NS: its last frame came at LAST_NS, and its longest pause between
 * two frames was LONGEST_NS. All are nanoseconds. */
int is_silent(uint64_t last_ns, uint64_t longest_ns, uint64_t now_ns);

/* Mb/s for BYTES from FIRST_NS to LAST_NS; NAN when no time passed. */
double bandwidth_mbps(uint64_t bytes, uint64_t first_ns, uint64_t last_ns);

#endif
