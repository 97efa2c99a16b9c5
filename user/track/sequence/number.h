/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Sequence numbers of which frames carry only the lowest bits. */
#ifndef GAPWATCH_TRACK_SEQUENCE_NUMBER_H
#define GAPWATCH_TRACK_SEQUENCE_NUMBER_H

#include <stdint.h>

/* NUMBER, of which only the lowest BITS (1 to 64) are known, extended by the nearest distance to
 * NEAR. */
static inline uint64_t number_extend(uint64_t near, uint64_t number, unsigned bits)
{
    unsigned unknown = 64u - bits;
    uint64_t distance = (number - near) << unknown;

    return near + (uint64_t)((int64_t)distance >> unknown);
}

#endif
