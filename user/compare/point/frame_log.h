/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The numbers and times of all frames of a capture that have numbers, apart by flow and
 * association, in the order of arrival. A frame takes 16 octets. */
#ifndef GAPWATCH_COMPARE_POINT_FRAME_LOG_H
#define GAPWATCH_COMPARE_POINT_FRAME_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "track/flows/flow_table.h"

/* MACsec has four associations. Others have one, or (DTLS) rarely more than two: those that share a
 * lane are apart in time. */
#define ASSOCIATIONS_MAX 4

/* A number that arrived. */
struct sighting {
    uint64_t number; /* as on the wire; extended to 64 bits once its SA is known (assign.h) */
    uint64_t time_ns;
};

/* The frames of one association of a flow. */
struct lane {
    struct sighting *frames;
    size_t count;
    size_t capacity;
};

struct frame_log {
    struct flow_table flows;  /* only keys and handles are used; a key has the association as its
                                 `reserved` */
    struct lane *lanes;       /* by handle */
    size_t capacity;          /* number of handles for which LANES has room */
    struct flow_key last_key; /* of the frame before */
    uint32_t last_handle;     /* its lane, or POOL_NONE */
    uint64_t untracked;       /* frames for which there was no memory */
};

/* Makes LOG empty, for at most MAX_FLOWS associations of flows. Returns 0, or -1: no memory. */
int frame_log_init(struct frame_log *log, uint32_t max_flows);
/* Frees everything that LOG holds, which may be all zeros. */
void frame_log_release(struct frame_log *log);

/* Adds the numbers of RECORD, which arrived at TIME_NS, if its protocol has numbers. Without memory
 * they are counted as untracked. */
void frame_log_add(struct frame_log *log, const struct frame_record *record, uint64_t time_ns);

/* The frames of ASSOCIATION of the flow KEY, or NULL when there are none. */
struct lane *frame_log_find(struct frame_log *log, const struct flow_key *key,
                            unsigned association);

#endif
