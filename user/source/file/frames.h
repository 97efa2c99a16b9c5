/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Makes records of the frames of files. */
#ifndef GAPWATCH_SOURCE_FILE_FRAMES_H
#define GAPWATCH_SOURCE_FILE_FRAMES_H

#include "source/file/state.h"

/* Takes the next frame of ENTRY, which is known: adds its records to BATCH and counts it. Returns 0
 * when that has to wait for the next batch. */
int frames_take(struct files *files, struct file_entry *entry, struct batch *batch);

/* With --dedup: adds records to BATCH for frames that can have no copy any more at NOW_NS. */
void frames_add_singles(struct files *files, struct batch *batch, uint64_t now_ns);

#endif
