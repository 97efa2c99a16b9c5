/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Finds the SA of each frame in a log. */
#ifndef GAPWATCH_COMPARE_FILES_ASSIGN_H
#define GAPWATCH_COMPARE_FILES_ASSIGN_H

#include "compare/files/joint_frames.h"
#include "compare/point/point.h"

/* Gives every SA of POINT, which is arranged, its frames from POINT's log, and extends their
 * numbers to 64 bits. A frame belongs to the SA in use at its time, or to the one before, whichever
 * has numbers nearer to the frame's. Frames beyond an SA's last number, which the tracker did not
 * believe, are left out. Returns 0, or -1 with ERROR set: no memory. */
int assign_frames(struct point *point, struct error *error);

/*
 * Gives the COUNT SAs at A, and those at B, which are the same ones as the other point has them,
 * the FRAMES of their association. What passed a point before, or a copy of it, is of the same SA.
 * LANES, of either point, get these frames; their room is enough.
 * B's clock is OFFSET_NS ahead of that of FRAMES, which is A's. WINDOW is a replay window in
 * sequence numbers. Returns 0, or -1: no memory.
 */
int assign_joint_frames(struct point_sa *a, struct point_sa *b, size_t count, struct lane *lanes[2],
                        struct joint_frames *frames, int64_t offset_ns, uint32_t window);

#endif
