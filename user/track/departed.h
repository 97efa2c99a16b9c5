/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Flows that left the table idle, for the report at the end: the link that died is the one that
 * people look for. Their number is bounded: the latest are kept, and of those before, the worst.
 */
#ifndef GAPWATCH_TRACK_DEPARTED_H
#define GAPWATCH_TRACK_DEPARTED_H

#include <stddef.h>
#include <stdint.h>

#include "track/changes.h"

#define DEPARTED_LATEST 512
#define DEPARTED_WORST  512

struct departed {
    struct flow_change *flows; /* first a ring of the latest, then a heap of the worst */
    uint64_t left;             /* until now */
    size_t worst;
};

void departed_release(struct departed *departed);

/* Keeps FLOW as long as it is among the latest or the worst. Without memory it is not kept. */
void departed_add(struct departed *departed, const struct flow_change *flow);

/* How many are kept, and the one with INDEX below that. */
size_t departed_count(const struct departed *departed);
struct flow_change *departed_at(const struct departed *departed, size_t index);

/* The clock was set: the times of all of them move by STEP_NS. */
void departed_shift_time(struct departed *departed, int64_t step_ns);

#endif
