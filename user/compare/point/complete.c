/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/point/complete.h"

/* Whether frames of SA may have come that a higher number, its first one, had overtaken. */
static int has_overtaken(const struct sa_change *sa)
{
    return sa->figures.reordered + sa->figures.late > 0;
}

void point_find_edges(const struct point *point, struct point_sa *at, uint64_t packets,
                      uint64_t lost)
{
    const struct sa_change *sa = &at->sa;
    uint64_t distinct = packets - sa->figures.duplicates - sa->figures.late;
    uint64_t last = sa->last_sequence - sa->first_sequence;
    int64_t early = (int64_t)(distinct + lost + sa->figures.skipped - last - 1);
    int is_settled = early == 0 && !has_overtaken(sa);

    if (early > 0)
        at->early = (uint64_t)early;
    if (point->is_open && !sa->has_ended && !is_settled)
        at->unsettled = last < point->window ? last : point->window;
    at->unlisted = lost;
}

/* Makes NUMBER, which came or was lost at TIME_NS, the first one of SA. */
static void begin_at(struct point_sa *sa, uint64_t number, uint64_t time_ns)
{
    size_t before = point_sa_find(sa, (int64_t)number);

    if (before)
        sa->rising += before;
    sa->rising_count -= before;
    sa->sa.first_sequence = number;
    sa->sa.first_ns = time_ns;
    sa->is_new = 0;
    sa->is_cut = 1;
}

/* Lets SA begin with its first sample from KEPT_NS on; without one, with its last number. */
static void begin_with_sample(struct point_sa *sa, uint64_t kept_ns)
{
    for (size_t i = 0; i < sa->rising_count; i++) {
        if (sa->rising[i].time_ns >= kept_ns) {
            begin_at(sa, sa->rising[i].number, sa->rising[i].time_ns);
            return;
        }
    }
    begin_at(sa, sa->sa.last_sequence, sa->sa.last_ns);
}

void point_complete(struct point *point)
{
    for (size_t i = 0; i < point->sa_count; i++) {
        struct point_sa *sa = &point->sas[i];

        if (!sa->unlisted)
            continue;
        if (point->has_omitted_gaps)
            sa->is_incomplete = 1;
        else if (sa->gap_count)
            begin_at(sa, sa->gaps[0].first, sa->gaps_ns);
        else
            begin_with_sample(sa, point->kept_ns);
    }
}
