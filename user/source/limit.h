/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Ends a capture after a number of frames. */
#ifndef GAPWATCH_SOURCE_LIMIT_H
#define GAPWATCH_SOURCE_LIMIT_H

#include <stdatomic.h>
#include <stdint.h>

/* May be shared by several sources and threads. */
struct frame_limit {
    uint64_t most;         /* 0: no limit */
    _Atomic uint64_t seen; /* frames passed to limit_take(); not counted without a limit */
};

/* Counts one more frame. Returns whether it is within LIMIT; frames beyond it are ignored. */
static inline int limit_take(struct frame_limit *limit)
{
    return !limit->most ||
           atomic_fetch_add_explicit(&limit->seen, 1, memory_order_relaxed) < limit->most;
}

/* Whether the limit is reached. */
static inline int limit_is_reached(const struct frame_limit *limit)
{
    return limit->most && atomic_load_explicit(&limit->seen, memory_order_relaxed) >= limit->most;
}

#endif
