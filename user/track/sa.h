/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* An SA of a flow, and what became of its numbers. */
#ifndef GAPWATCH_TRACK_SA_H
#define GAPWATCH_TRACK_SA_H

#include <stdint.h>

#include "track/flow.h"

/* An SA as it is now; a newer one replaces an older. */
struct sa_change {
    struct flow_key key;
    uint64_t first_sequence; /* extended, and so is the next: see struct gap */
    uint64_t last_sequence;
    uint64_t first_ns;
    uint64_t last_ns;
    uint32_t generation; /* how many SAs the flow had before it */
    uint8_t association;
    uint8_t has_ended;
    uint8_t reserved[2];
    struct sequence_figures figures;
};

#endif
