/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Condition variables with time limits on the monotonic clock, which cannot be set. */
#ifndef GAPWATCH_BASE_WAIT_H
#define GAPWATCH_BASE_WAIT_H

#include <pthread.h>
#include <stdint.h>

/* Initialises CONDITION, for wait_for() and for waiting without a limit. */
void wait_init(pthread_cond_t *condition);

/* Waits for CONDITION, at most WAIT_NS nanoseconds. The caller holds LOCK. */
void wait_for(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t wait_ns);

#endif
