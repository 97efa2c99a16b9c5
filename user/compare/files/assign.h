/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Finds the SA of each frame in a log. */
#ifndef GAPWATCH_COMPARE_FILES_ASSIGN_H
#define GAPWATCH_COMPARE_FILES_ASSIGN_H

#include "compare/point/point.h"

/* Gives every SA of POINT, which is arranged, its frames from POINT's log, and extends their
 * numbers to 64 bits. A frame belongs to the SA in use at its time, or to the one before, whichever
 * has numbers nearer to the frame's. Frames beyond an SA's last number, which the tracker did not
 * believe, are left out. Returns 0, or -1 with ERROR set: no memory. */
int assign_frames(struct point *point, struct error *error);

/* The same, for those SAs alone that were found in the frames of both points (joint.h). */
int assign_joint_frames(struct point *point, struct error *error);

#endif
