/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The frames of one flow at both points, in the order in which they passed. */
#ifndef GAPWATCH_COMPARE_FILES_JOINT_FRAMES_H
#define GAPWATCH_COMPARE_FILES_JOINT_FRAMES_H

#include "compare/point/point.h"

/* Most frames take longer than the fastest one by this at most. Those that take longer look like
 * copies, because within a longer time another SA may use the number again. */
#define JOINT_SAME_NS ((int64_t)NS_PER_SECOND / 20)

struct joint_frame {
    uint64_t number;  /* as on the wire */
    uint64_t time_ns; /* by A's clock */
    union {
        uint32_t back; /* how many frames before it the same or a copy passed a point; 0: none */
        uint32_t sa;   /* once it was assigned: index of its SA plus 1; 0: it has none */
    };
    uint8_t association;
    uint8_t side;    /* 0: A, 1: B */
    uint8_t is_seen; /* the other point has it, too, and saw it first */
};

struct joint_frames {
    struct joint_frame *frames;
    size_t count;
    size_t capacity;
};

/* Adds the frames of COUNT SAs at SAS, whose times are OFFSET_NS ahead, as those of SIDE. All of
 * them are in order then. Called once for each side. Returns 0, or -1: no memory. */
int joint_frames_add(struct joint_frames *frames, const struct point_sa *sas, size_t count,
                     unsigned side, int64_t offset_ns);

/* Called when all were added: marks those FRAMES that both points have, and ties copies. Returns 0,
 * or -1: no memory. */
int joint_frames_match(struct joint_frames *frames);

/* Frees the memory of FRAMES. */
void joint_frames_release(struct joint_frames *frames);

#endif
