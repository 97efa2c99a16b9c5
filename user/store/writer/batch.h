/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The changes that a shard collected at one time, for the writer. */
#ifndef GAPWATCH_STORE_WRITER_BATCH_H
#define GAPWATCH_STORE_WRITER_BATCH_H

#include <stdint.h>

#include "source/source.h"
#include "track/sequence/changes.h"

struct batch_interval {
    uint64_t start_ns;
    uint64_t end_ns;
};

struct store_batch {
    struct store_batch *next; /* next in the queue */
    unsigned shard;
    struct changes changes;
    struct batch_interval interval; /* in which the changes happened */
    struct source_statistics statistics;
    int64_t step_ns; /* by how much the clock was set since the shard's batch before */
    uint64_t flows_evicted;
};

#endif
