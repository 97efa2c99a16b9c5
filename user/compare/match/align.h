/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Finds the SAs of two vantage points that are one SA.
 *
 * Each sensor counts SAs for itself, and may have started in the middle, so SAs are matched by what
 * the frames carry: flow, association, and the numbers with their times. The same numbers may come
 * again when a sender restarts or an association number is used again. The SAs of all flows
 * together show the offset of the clocks: it is the one with which most numbers agree.
 */
#ifndef GAPWATCH_COMPARE_MATCH_ALIGN_H
#define GAPWATCH_COMPARE_MATCH_ALIGN_H

#include "base/error.h"
#include "compare/point/point.h"

/* Offsets of SAs that differ by less are of the same clocks: delays differ, and so do directions.
 */
#define CLOCKS_AGREE_NS ((int64_t)NS_PER_SECOND)

enum match {
    MATCH_FLOW, /* SAs of the same flow */
    MATCH_SPI,  /* SAs with the same SPI, whatever their addresses */
};

/* One SA as both points saw it. */
struct pair {
    const struct point_sa *a; /* NULL: only B saw it */
    const struct point_sa *b; /* NULL: only A saw it */
    uint64_t shift;           /* added to B's numbers, modulo 2^64, makes them A's */
    int64_t offset_ns;        /* about the smallest time at B minus time at A; if both saw it */
    int is_mixed;             /* a point may have counted frames of the SA to another one, or those
                                 of another one to it */
};

struct pairs {
    struct pair *pairs;
    size_t count;
    size_t capacity;
    int64_t offset_ns; /* of B's clock to A's, with the delay between them: about right for most */
};

/* Sets PAIRS to all SAs of A and B. Returns 0, or -1 with ERROR set: no memory. */
int align(struct pairs *pairs, const struct point *a, const struct point *b, enum match match,
          struct error *error);

/* Frees the memory of PAIRS. */
void pairs_release(struct pairs *pairs);

#endif
