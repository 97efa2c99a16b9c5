/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A jump: the believed position goes on ahead in the same SA. */
#ifndef GAPWATCH_TRACK_SEQUENCE_JUMP_H
#define GAPWATCH_TRACK_SEQUENCE_JUMP_H

#include "track/sequence/position.h"

/* Prepares hypothesis HANDLE, which is ahead of the believed position in the same SA, to become the
 * believed one: it starts where that one stopped, and takes over what that one knows. The numbers
 * between both are lost, or skipped if no sender can have sent them. */
void believe_jump(const struct arrival *arrival, uint32_t handle);

#endif
