/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/point/point.h"

#include <stdlib.h>
#include <string.h>

#include "numbered.h"

#define FIRST_CAPACITY 64

size_t point_sa_gap_from(const struct point_sa *sa, uint64_t number)
{
    size_t from = 0, until = sa->gap_count;

    while (from < until) {
        size_t middle = from + (until - from) / 2;

        if (sa->gaps[middle].last < number)
            from = middle + 1;
        else
            until = middle;
    }
    return from;
}

void point_sa_release(struct point_sa *sa)
{
    free(sa->strays);
    free(sa->left_out);
    sa->strays = NULL;
    sa->left_out = NULL;
}

void point_release(struct point *point)
{
    for (size_t i = 0; i < point->sa_count; i++)
        point_sa_release(&point->sas[i]);
    free(point->sas);
    free(point->name);
    free(point->gaps);
    free(point->samples);
    frame_log_release(&point->log);
    *point = (struct point){0};
}

struct point_sa *point_add(struct point *point, const struct sa_change *sa)
{
    struct point_sa *added;

    if (point->sa_count == point->sa_capacity) {
        size_t capacity = point->sa_capacity ? 2 * point->sa_capacity : FIRST_CAPACITY;
        struct point_sa *sas = realloc(point->sas, capacity * sizeof(*sas));

        if (!sas)
            return NULL;
        point->sas = sas;
        point->sa_capacity = capacity;
    }
    added = &point->sas[point->sa_count++];
    *added = (struct point_sa){.sa = *sa};
    added->sa.first_ns = point_time(sa->first_ns);
    added->sa.last_ns = point_time(sa->last_ns);
    return added;
}

int point_sa_compare(const void *left, const void *right)
{
    const struct sa_change *a = &((const struct point_sa *)left)->sa;
    const struct sa_change *b = &((const struct point_sa *)right)->sa;
    int keys = memcmp(&a->key, &b->key, sizeof(a->key));

    if (keys)
        return keys;
    if (a->association != b->association)
        return a->association < b->association ? -1 : 1;
    return (a->generation > b->generation) - (a->generation < b->generation);
}

/* An SA came into use while the point watched if it took over from another one of its flow, or its
 * first number is near that of its protocol and came after the point's first frame. */
static void find_start(const struct point *point, struct point_sa *at)
{
    const struct sa_change *sa = &at->sa;
    uint64_t first = first_number(sa->key.protocol);
    int is_near = sa->first_sequence >= first && sa->first_sequence - first < point->window;

    at->is_new = sa->first_ns > point->start_ns && (sa->generation > 0 || is_near);
    at->begins_with = is_near ? first : sa->first_sequence;
}

void point_arrange(struct point *point)
{
    if (!point->sa_count)
        return;
    qsort(point->sas, point->sa_count, sizeof(*point->sas), point_sa_compare);
    for (size_t i = 0; i < point->sa_count; i++)
        find_start(point, &point->sas[i]);
}

uint64_t point_since(const struct point *point, const struct point_sa *at)
{
    return at || point->sas_ns < point->start_ns ? point->start_ns : point->sas_ns;
}

int point_is_unwatched(const struct point *point, const struct sa_change *sa, int64_t offset_ns)
{
    int64_t first = (int64_t)sa->first_ns + offset_ns, last = (int64_t)sa->last_ns + offset_ns;
    int64_t from = first > (int64_t)point->start_ns ? first : (int64_t)point->start_ns;
    int64_t until = last < (int64_t)point->end_ns ? last : (int64_t)point->end_ns;

    return until < from || (until - from) < (last - first) / 2;
}

uint64_t point_sa_reach(const struct point_sa *sa)
{
    if (!sa->sa.figures.late)
        return sa->sa.figures.max_reorder_distance;
    return sa->sa.advice.window ? sa->sa.advice.window : REPLAY_WINDOW_MAX;
}

size_t point_sa_find(const struct point_sa *sa, int64_t number)
{
    size_t from = 0, until = sa->rising_count;

    while (from < until) {
        size_t middle = from + (until - from) / 2;

        if ((int64_t)sa->rising[middle].number < number)
            from = middle + 1;
        else
            until = middle;
    }
    return from;
}

size_t point_run_end(const struct point *point, size_t from)
{
    const struct sa_change *first = &point->sas[from].sa;
    size_t end = from + 1;

    while (end < point->sa_count && point->sas[end].sa.association == first->association &&
           memcmp(&point->sas[end].sa.key, &first->key, sizeof(first->key)) == 0)
        end++;
    return end;
}

uint64_t point_sa_number_by(const struct point_sa *sa, int64_t time_ns)
{
    struct sighting before = {.number = sa->sa.first_sequence, .time_ns = sa->sa.first_ns};
    struct sighting after = {.number = sa->sa.last_sequence, .time_ns = sa->sa.last_ns};

    if (time_ns < (int64_t)before.time_ns)
        return before.number - 1;
    if (time_ns >= (int64_t)after.time_ns)
        return after.number;
    for (size_t i = 0; i < sa->rising_count; i++) {
        if ((int64_t)sa->rising[i].time_ns > time_ns) {
            after = sa->rising[i];
            break;
        }
        if (sa->rising[i].time_ns >= before.time_ns)
            before = sa->rising[i];
    }
    if (after.time_ns <= before.time_ns || after.number <= before.number)
        return before.number;
    return before.number + (uint64_t)((double)(after.number - before.number) *
                                      (double)((uint64_t)time_ns - before.time_ns) /
                                      (double)(after.time_ns - before.time_ns));
}
