/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The monotonic clock, which cannot be set. */
#ifndef GAPWATCH_BASE_MONOTONIC_H
#define GAPWATCH_BASE_MONOTONIC_H

#include <stdint.h>
#include <time.h>

#include "base/units.h"

/* Nanoseconds since some point in the past. */
static inline uint64_t monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

#endif
