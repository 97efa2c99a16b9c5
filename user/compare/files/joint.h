/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Finds the SAs of senders that began anew in the frames of both points together.
 *
 * One point alone cannot tell where a sender began anew when it missed frames at that time: an SA
 * that ends at 500 and the next one, whose first 600 frames are lost, look like one SA. The other
 * point saw these frames.
 */
#ifndef GAPWATCH_COMPARE_FILES_JOINT_H
#define GAPWATCH_COMPARE_FILES_JOINT_H

#include "compare/match/align.h"
#include "compare/point/point.h"

/*
 * Replaces the SAs of flows that both A and B saw, and of which one point at least found several
 * SAs with one association, by those that a tracker finds in the frames of both. Both points were
 * read from capture files; if a clock was set, or a sensor lost frames, SAs stay as they are.
 * Returns 0, or -1 with ERROR set: no memory.
 */
int points_join(struct point *a, struct point *b, enum match match, uint32_t window,
                struct error *error);

#endif
