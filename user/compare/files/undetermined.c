/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/files/undetermined.h"

#include <stdlib.h>

/* A gap and its SA. */
struct placed_gap {
    struct point_sa *sa;
    struct missing gap;
};

/* The SA of GAP, or NULL. */
static struct point_sa *find_sa(const struct point *point, const struct gap *gap)
{
    struct point_sa like = {
        .sa = {.key = gap->key, .association = gap->association, .generation = gap->generation},
    };

    if (!point->sa_count)
        return NULL;
    return bsearch(&like, point->sas, point->sa_count, sizeof(like), point_sa_compare);
}

static int compare_placed(const void *left, const void *right)
{
    const struct placed_gap *a = left;
    const struct placed_gap *b = right;

    if (a->sa != b->sa)
        return a->sa < b->sa ? -1 : 1;
    return (a->gap.first > b->gap.first) - (a->gap.first < b->gap.first);
}

/* Lists the undetermined gaps of LOG in PLACED, which has room for all. Returns their number. */
static size_t place(const struct point *point, const struct gap_log *log, struct placed_gap *placed)
{
    size_t count = 0;

    for (size_t i = 0; i < log->count; i++) {
        const struct gap *gap = &log->gaps[i];
        struct point_sa *sa =
            gap->cause == CAUSE_UNDETERMINED && !gap->is_withdrawn ? find_sa(point, gap) : NULL;

        if (sa)
            placed[count++] = (struct placed_gap){
                .sa = sa,
                .gap = {.first = gap->first_number, .last = gap->last_number, .is_undetermined = 1},
            };
    }
    if (count)
        qsort(placed, count, sizeof(*placed), compare_placed);
    return count;
}

int point_take_undetermined(struct point *point, const struct gap_log *log, struct error *error)
{
    struct placed_gap *placed = malloc((log->count + 1) * sizeof(*placed));

    point->gaps = malloc((log->count + 1) * sizeof(*point->gaps));
    if (!placed || !point->gaps) {
        free(placed);
        return error_set(error, "no memory for the gaps");
    }
    point->gap_count = place(point, log, placed);
    for (size_t i = 0; i < point->gap_count; i++) {
        point->gaps[i] = placed[i].gap;
        if (!placed[i].sa->gap_count++)
            placed[i].sa->gaps = &point->gaps[i];
    }
    free(placed);
    return 0;
}
