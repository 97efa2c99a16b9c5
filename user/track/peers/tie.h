/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Ties between flows: one flow goes on with the SA of another one, or with the SA that replaced
 * it. Only ties that are certain are logged here; lineage/lineage.h finds the probable ones. */
#ifndef GAPWATCH_TRACK_PEERS_TIE_H
#define GAPWATCH_TRACK_PEERS_TIE_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"

#define TIES_MAX 65536

enum tie_kind {
    TIE_MOVED,   /* the peer has a new address; the SA is the same */
    TIE_REKEYED, /* the SA of the second flow replaced that of the first */
    TIE_UNDONE,  /* an earlier tie between these flows was wrong */
    TIE_IKE,     /* no flows: IKE made SAs between two hosts (`from` has just their addresses) */
};

struct tie {
    struct flow_key from;
    struct flow_key to;
    uint64_t timestamp_ns; /* of the second flow's first frame */
    uint32_t kind;         /* enum tie_kind */
    uint32_t reserved;
};

struct tie_log {
    struct tie *ties; /* in the order of detection */
    size_t count;
    size_t capacity;
};

/* Frees the ties in LOG. */
void tie_log_release(struct tie_log *log);

/* Adds a copy of TIE, unless the log is full or there is no memory; the flows stay without a tie
 * then. */
void tie_log_add(struct tie_log *log, const struct tie *tie);

/* The clock was set: moves all times by STEP_NS. */
void tie_log_shift_time(struct tie_log *log, int64_t step_ns);

#endif
