/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Groups of SAs of both points that may be the same: those of one flow and association. */
#ifndef GAPWATCH_COMPARE_MATCH_GROUP_H
#define GAPWATCH_COMPARE_MATCH_GROUP_H

#include "compare/match/align.h"

/* An SA, with the key by which it is matched. */
struct member {
    struct flow_key key;
    const struct point_sa *sa;
    int is_taken;
    size_t pair; /* index of its pair, once there is one */
};

struct members {
    struct member *members;
    size_t count;
};

/* SAs of both points with the same key and association. */
struct group {
    struct member *a;
    struct member *b;
    size_t a_count;
    size_t b_count;
};

/* Sets MEMBERS, whose memory the caller frees, to the SAs of POINT in order. Returns 0, or -1: no
 * memory. */
int list_members(struct members *members, const struct point *point, enum match match);

/* Sets GROUP to the next SAs that belong together, and moves AT_A and AT_B, which start at 0,
 * behind them. Returns 0 when there are no more. */
int next_group(const struct members *a, const struct members *b, size_t *at_a, size_t *at_b,
               struct group *group);

#endif
