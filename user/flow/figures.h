/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Figures of a flow that are derived from what was counted. */
#ifndef GAPWATCH_FLOW_FIGURES_H
#define GAPWATCH_FLOW_FIGURES_H

#include <stdint.h>

#include "base/units.h"
#include "track/flow.h"

/* Lost by whatever cause. */
static inline uint64_t figures_lost(const struct sequence_figures *figures)
{
    return figures->lost[CAUSE_NETWORK] + figures->lost[CAUSE_UNDETERMINED];
}

/* What the network lost over that plus distinct received; NAN when there is neither. */
double loss_ratio(const struct sequence_figures *figures);

/* Mean length of a run of lost numbers over what losses that do not cluster would give at this
 * ratio; NAN when nothing was lost. */
double loss_run_ratio(const struct sequence_figures *figures);

/* Whether FIGURES look like those of a sensor that sees one of several paths: much is missing, and
 * it does not cluster. No more than a hint. */
int is_partial_view(const struct sequence_figures *figures);

/* No flow is silent before so long. */
#define SILENCE_NS (30 * NS_PER_SECOND)

/* Whether a flow whose last frame came at LAST_NS, and whose longest gap between frames was
 * LONGEST_NS, is silent at NOW_NS: for longer than is usual for it. */
int is_silent(uint64_t last_ns, uint64_t longest_ns, uint64_t now_ns);

/* Mb/s of BYTES over the time from FIRST_NS to LAST_NS; NAN when no time passed. */
double bandwidth_mbps(uint64_t bytes, uint64_t first_ns, uint64_t last_ns);

#endif
