/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Condition variables whose waits no setting of the clock makes longer or shorter. */
#ifndef GAPWATCH_BASE_WAIT_H
#define GAPWATCH_BASE_WAIT_H

#include <pthread.h>
#include <stdint.h>

/* Makes CONDITION, for wait_for() and for waiting without a limit. */
void wait_init(pthread_cond_t *condition);

/* Waits for CONDITION, for WAIT_NS at most. LOCK is held. */
void wait_for(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t wait_ns);

#endif
