/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* How far behind the highest number the numbers of an SA came, and so which of them receivers with
 * other replay windows would have refused. A receiver with a window of W numbers refuses a number
 * that is W or more behind the highest (RFC 4303 appendix A2). The highest number does not depend
 * on the window, so the counts of distances give the result for every window. */
#ifndef GAPWATCH_TRACK_SEQUENCE_REORDER_H
#define GAPWATCH_TRACK_SEQUENCE_REORDER_H

#include <stdint.h>

/* The windows that are compared: 32, 64 and so on up to 4096. */
#define REPLAY_WINDOWS    8
#define REPLAY_WINDOW_MIN 32u /* every receiver has at least this window (RFC 4303 3.4.3) */

/* No window is recommended for numbers that came farther behind: they may be copies from long ago.
 */
#define REPLAY_WINDOW_MAX 65536

/* Numbers that came farther behind are only counted together. */
#define REORDER_FAR 4096

/* Each octave of distances from 64 on is counted in 32 parts, smaller distances one by one. */
#define REORDER_COUNTS (64 + 6 * 32)

/* Numbers by distance, below REORDER_FAR. */
struct reorder_counts {
    uint32_t of[REORDER_COUNTS];
};

/* A single forged number far behind the highest makes such a record for a flow, so what only near
 * numbers need is apart. */
struct reorder {
    uint64_t refused[REPLAY_WINDOWS]; /* by the largest window that would have refused them */
    uint64_t highest;                 /* highest number when the last reordered one came */
    uint64_t farthest;                /* largest distance */
    uint64_t farthest_of_row;         /* the same of the present row */
    uint64_t farthest_of_burst;       /* the same of all bursts */
    struct reorder_counts *near;      /* not owned; NULL: no number is counted there */
    uint32_t near_handle;             /* the caller's, to free `near` */
    uint32_t row;                     /* reordered numbers since the highest one came */
    uint32_t far;                     /* numbers that came REORDER_FAR or more behind */
};

/* The advice for the receiver of an SA, or of all SAs of a flow. */
struct replay_advice {
    uint64_t refused[REPLAY_WINDOWS]; /* numbers that each window would have refused */
    uint32_t window; /* 0: numbers came more than REPLAY_WINDOW_MAX behind the highest */
    uint32_t p99;    /* 99th percentile of the distances of reordered numbers; 0: none */
};

/* A new number came DISTANCE (at least 1) behind HIGHEST. It is missing in the percentile if it is
 * below REORDER_FAR, and REORDER has no `near`. */
void reorder_note(struct reorder *reorder, uint64_t highest, uint64_t distance);

/* Adds the numbers of PART to those of TOTAL, which has a `near` if PART has one. */
void reorder_add(struct reorder *total, const struct reorder *part);

/* The advice that follows from REORDER, which is NULL when no number was reordered. */
struct replay_advice reorder_advice(const struct reorder *reorder);

#endif
