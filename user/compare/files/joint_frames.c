/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/files/joint_frames.h"

#include <stdlib.h>

#include "numbered.h"

/* Most frames take at most so much longer than the fastest one. Those that take longer look like
 * copies. */
#define SAME_NS (NS_PER_SECOND / 20)

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

/* Adds a frame like LIKE. There is room for it. */
static void append(struct joint_frames *frames, const struct joint_frame *like, uint64_t number,
                   uint64_t time_ns)
{
    struct joint_frame *frame = &frames->frames[frames->count++];

    *frame = *like;
    frame->number = number;
    frame->time_ns = time_ns;
}

int joint_frames_add(struct joint_frames *frames, const struct point_sa *sas, size_t count,
                     unsigned side, int64_t offset_ns)
{
    for (size_t i = 0; i < count; i++) {
        const struct point_sa *sa = &sas[i];
        uint64_t mask = UINT64_MAX >> (64 - number_bits(sa->sa.key.protocol));
        uint64_t ahead_ns = (uint64_t)offset_ns;
        struct joint_frame like = {.association = sa->sa.association, .side = (uint8_t)side};

        if (reserve(frames, sa->rising_count + sa->stray_count) < 0)
            return -1;
        for (size_t k = 0; k < sa->rising_count; k++)
            append(frames, &like, sa->rising[k].number & mask, sa->rising[k].time_ns - ahead_ns);
        for (size_t k = 0; k < sa->stray_count; k++)
            append(frames, &like, sa->strays[k].number & mask, sa->strays[k].time_ns - ahead_ns);
    }
    return 0;
}

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

int joint_frames_match(struct joint_frames *frames)
{
    struct joint_frame *recent = calloc(RECENT, sizeof(*recent));

    if (!recent)
        return -1;
    if (frames->count)
        qsort(frames->frames, frames->count, sizeof(*frames->frames), compare_frames);
    for (size_t i = 0; i < frames->count; i++) {
        struct joint_frame *frame = &frames->frames[i];
        struct joint_frame *before = &recent[frame->number % RECENT];

        if (before->time_ns && before->side != frame->side && before->number == frame->number &&
            before->association == frame->association &&
            frame->time_ns - before->time_ns < SAME_NS) {
            frame->is_seen = 1;
            before->time_ns = 0;
        } else {
            *before = *frame;
        }
    }
    free(recent);
    return 0;
}
