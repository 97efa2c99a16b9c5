/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/files/joint_frames.h"

#include <stdlib.h>
#include <string.h>

#include "numbered.h"

/* The last frames of which it is known that they passed one point: a power of two. */
#define RECENT 65536

void joint_frames_release(struct joint_frames *frames)
{
    free(frames->frames);
    *frames = (struct joint_frames){0};
}

static int reserve(struct joint_frames *frames, size_t more)
{
    size_t capacity = frames->count + more;
    struct joint_frame *grown;

    if (capacity <= frames->capacity)
        return 0;
    grown = realloc(frames->frames, capacity * sizeof(*grown));
    if (!grown)
        return -1;
    frames->frames = grown;
    frames->capacity = capacity;
    return 0;
}

/* --- order --- */

static int compare_frames(const void *left, const void *right)
{
    const struct joint_frame *a = left;
    const struct joint_frame *b = right;

    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    if (a->side != b->side)
        return a->side - b->side;
    return (a->number > b->number) - (a->number < b->number);
}

static int are_sorted(const struct joint_frame *frames, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (compare_frames(&frames[i - 1], &frames[i]) > 0)
            return 0;
    return 1;
}

/* Merges FRAMES from index FIRST up to MIDDLE, which are sorted, with those from MIDDLE on, which
 * are, too. Returns 0, or -1: no memory. */
static int merge(struct joint_frames *frames, size_t first, size_t middle)
{
    struct joint_frame *all = frames->frames, *later;
    size_t left = middle, right = frames->count - middle, to = frames->count;

    if (middle == first || !right || compare_frames(&all[middle - 1], &all[middle]) <= 0)
        return 0;
    later = malloc(right * sizeof(*later));
    if (!later)
        return -1;
    memcpy(later, &all[middle], right * sizeof(*later));
    while (right) {
        if (left > first && compare_frames(&all[left - 1], &later[right - 1]) > 0)
            all[--to] = all[--left];
        else
            all[--to] = later[--right];
    }
    free(later);
    return 0;
}

/* Puts FRAMES from index ADDED on in order, and merges them with those from FIRST on, which are in
 * order. Returns 0, or -1: no memory. */
static int settle(struct joint_frames *frames, size_t first, size_t added)
{
    size_t count = frames->count - added;

    if (count && !are_sorted(&frames->frames[added], count))
        qsort(&frames->frames[added], count, sizeof(*frames->frames), compare_frames);
    return merge(frames, first, added);
}

static int compare_starts(const void *left, const void *right)
{
    const struct sa_change *a = &(*(const struct point_sa *const *)left)->sa;
    const struct sa_change *b = &(*(const struct point_sa *const *)right)->sa;

    return (a->first_ns > b->first_ns) - (a->first_ns < b->first_ns);
}

/* The COUNT SAs at SAS in the order of time, or NULL: no memory. The caller frees it. */
static const struct point_sa **in_time_order(const struct point_sa *sas, size_t count)
{
    const struct point_sa **ordered = malloc((count + 1) * sizeof(*ordered));

    if (!ordered)
        return NULL;
    for (size_t i = 0; i < count; i++)
        ordered[i] = &sas[i];
    if (count)
        qsort(ordered, count, sizeof(*ordered), compare_starts);
    return ordered;
}

/* --- adding --- */

/* Adds a frame like LIKE. There is room for it. */
static void append(struct joint_frames *frames, const struct joint_frame *like, uint64_t number,
                   uint64_t time_ns)
{
    struct joint_frame *frame = &frames->frames[frames->count++];

    *frame = *like;
    frame->number = number;
    frame->time_ns = time_ns;
}

/* Adds the frames of SA. Those of its side, from index FIRST on, stay in order. */
static int add_sa(struct joint_frames *frames, const struct point_sa *sa, size_t first,
                  unsigned side, int64_t offset_ns)
{
    uint64_t mask = UINT64_MAX >> (64 - number_bits(sa->sa.key.protocol));
    uint64_t ahead_ns = (uint64_t)offset_ns;
    struct joint_frame like = {.association = sa->sa.association, .side = (uint8_t)side};
    size_t added = frames->count;

    for (size_t i = 0; i < sa->rising_count; i++)
        append(frames, &like, sa->rising[i].number & mask, sa->rising[i].time_ns - ahead_ns);
    if (settle(frames, first, added) < 0)
        return -1;
    added = frames->count;
    for (size_t i = 0; i < sa->stray_count; i++)
        append(frames, &like, sa->strays[i].number & mask, sa->strays[i].time_ns - ahead_ns);
    if (settle(frames, first, added) < 0)
        return -1;
    added = frames->count;
    for (size_t i = 0; i < sa->left_out_count; i++)
        append(frames, &like, sa->left_out[i].number & mask, sa->left_out[i].time_ns - ahead_ns);
    return settle(frames, first, added);
}

int joint_frames_add(struct joint_frames *frames, const struct point_sa *sas, size_t count,
                     unsigned side, int64_t offset_ns)
{
    const struct point_sa **ordered = in_time_order(sas, count);
    size_t first = frames->count, more = 0;
    int status = -1;

    for (size_t i = 0; i < count; i++)
        more += sas[i].rising_count + sas[i].stray_count + sas[i].left_out_count;
    if (ordered && reserve(frames, more) == 0)
        status = 0;
    for (size_t i = 0; i < count && status == 0; i++)
        status = add_sa(frames, ordered[i], first, side, offset_ns);
    free(ordered);
    return status == 0 ? merge(frames, 0, first) : -1;
}

/* --- matching --- */

int joint_frames_match(struct joint_frames *frames)
{
    size_t *recent = calloc(RECENT, sizeof(*recent)); /* indexes plus 1; 0: none */

    if (!recent)
        return -1;
    for (size_t i = 0; i < frames->count; i++) {
        struct joint_frame *frame = &frames->frames[i];
        size_t *place = &recent[frame->number % RECENT];
        const struct joint_frame *before = *place ? &frames->frames[*place - 1] : NULL;

        if (before && before->number == frame->number &&
            before->association == frame->association &&
            frame->time_ns - before->time_ns < (uint64_t)JOINT_SAME_NS &&
            (size_t)(frame - before) <= UINT32_MAX) {
            frame->back = (uint32_t)(frame - before);
            frame->is_seen = before->side != frame->side && !before->is_seen;
        }
        *place = i + 1;
    }
    free(recent);
    return 0;
}
