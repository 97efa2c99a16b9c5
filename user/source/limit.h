/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The end of a capture after so many frames. */
#ifndef GAPWATCH_SOURCE_LIMIT_H
#define GAPWATCH_SOURCE_LIMIT_H

#include <stdatomic.h>
#include <stdint.h>

/* Any number of sources and threads may share one. */
struct frame_limit {
    uint64_t most;         /* 0: there is no limit */
    _Atomic uint64_t seen; /* frames that asked to be within it; not counted where there is none */
};

/* Whether one more frame is within LIMIT. Those beyond it are passed over, not even counted. */
static inline int limit_take(struct frame_limit *limit)
{
    return !limit->most ||
           atomic_fetch_add_explicit(&limit->seen, 1, memory_order_relaxed) < limit->most;
}

/* Whether no further frame is within LIMIT. */
static inline int limit_is_reached(const struct frame_limit *limit)
{
    return limit->most && atomic_load_explicit(&limit->seen, memory_order_relaxed) >= limit->most;
}

#endif
