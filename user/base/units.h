/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Units of time. All times in the program are nanoseconds. */
#ifndef GAPWATCH_BASE_UNITS_H
#define GAPWATCH_BASE_UNITS_H

#include <stdint.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define NS_PER_MS     1e6

/* Moves TIME_NS by STEP_NS, but not to before 1970. */
static inline uint64_t shift_time(uint64_t time_ns, int64_t step_ns)
{
    if (step_ns < 0 && time_ns < (uint64_t)-step_ns)
        return 0;
    return time_ns + (uint64_t)step_ns;
}

#endif
