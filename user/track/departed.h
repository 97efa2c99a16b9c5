/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Flows that left the table because they were idle, for the final report, because users look for
 * dead links. The number is bounded: the latest are kept, and of those before, the ones with the
 * most loss. */
#ifndef GAPWATCH_TRACK_DEPARTED_H
#define GAPWATCH_TRACK_DEPARTED_H

#include <stddef.h>
#include <stdint.h>

#include "track/sequence/changes.h"

#define DEPARTED_LATEST 512
#define DEPARTED_WORST  512

struct departed {
    struct flow_change *flows; /* a ring of the latest, then a heap of the worst */
    uint64_t left;             /* flows that left so far */
    size_t worst;              /* flows in the heap */
};

/* Frees the flows that DEPARTED keeps. */
void departed_release(struct departed *departed);

/* Keeps FLOW while it is among the latest or the worst. Without memory it is not kept. */
void departed_add(struct departed *departed, const struct flow_change *flow);

/* The number of flows that DEPARTED keeps. */
size_t departed_count(const struct departed *departed);

/* The flow with INDEX, below departed_count(), that DEPARTED keeps. */
struct flow_change *departed_at(const struct departed *departed, size_t index);

/* The clock was set: moves the times of all kept flows by STEP_NS. */
void departed_shift_time(struct departed *departed, int64_t step_ns);

#endif
