/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/wait.h"

#include <time.h>

#include "base/monotonic.h"

#if defined(__APPLE__) /* where a wait takes a duration, not a point in time */

void wait_init(pthread_cond_t *condition)
{
    pthread_cond_init(condition, NULL);
}

void wait_for(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t wait_ns)
{
    struct timespec span = {
        .tv_sec = (time_t)(wait_ns / NS_PER_SECOND),
        .tv_nsec = (long)(wait_ns % NS_PER_SECOND),
    };

    pthread_cond_timedwait_relative_np(condition, lock, &span);
}

#else

void wait_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

void wait_for(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t wait_ns)
{
    uint64_t until_ns = monotonic_ns() + wait_ns;
    struct timespec until = {
        .tv_sec = (time_t)(until_ns / NS_PER_SECOND),
        .tv_nsec = (long)(until_ns % NS_PER_SECOND),
    };

    pthread_cond_timedwait(condition, lock, &until);
}

#endif
