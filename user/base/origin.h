/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Where frames come from: the interfaces of one source that lose frames each on its own. */
#ifndef GAPWATCH_BASE_ORIGIN_H
#define GAPWATCH_BASE_ORIGIN_H

#include <stdint.h>

/* Origins are numbers below this, so that a set of them is an integer. */
#define ORIGINS_MAX 32
#define ORIGIN_ALL  ORIGINS_MAX /* not known: any origin */

/* A time in which frames of an origin were lost, by the times of the frames before and after. */
struct lost_span {
    uint64_t from_ns;
    uint64_t until_ns;
    unsigned origin; /* or ORIGIN_ALL */
};

/* The bit of ORIGIN, which is below ORIGINS_MAX, in a set of origins. */
static inline uint32_t origin_bit(unsigned origin)
{
    return UINT32_C(1) << origin;
}

#endif
