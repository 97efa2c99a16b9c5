/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* How well two SAs, seen at two vantage points, agree if they are one. */
#ifndef GAPWATCH_COMPARE_MATCH_FIT_H
#define GAPWATCH_COMPARE_MATCH_FIT_H

#include "compare/point/point.h"

struct fit {
    double weight;     /* about how many numbers both saw, less if B saw some that A did not, and of
                          databases how many gaps both have; 0: the SAs have nothing in common */
    double votes;      /* how much it tells about the offset of the clocks; for files weight */
    uint64_t shift;    /* added to B's numbers, modulo 2^64, makes them A's */
    int64_t offset_ns; /* about the smallest time at B minus time at A */
};

/* The best fit of A and B. Sensors that started apart may count numbers from different rounds of
 * the numbers on the wire. */
struct fit fit_of(const struct point_sa *a, const struct point_sa *b);

#endif
