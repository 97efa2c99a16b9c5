/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which of the files has the next frame: they are read one after the other, or merged by time. */
#ifndef GAPWATCH_SOURCE_FILE_TURN_H
#define GAPWATCH_SOURCE_FILE_TURN_H

#include "source/file/state.h"

/* Sets *ENTRY to the file whose next frame is next of all, and whose frame and time are known then.
 * BATCH gets what statistics on the way there say of losses. WAIT: as for capture_file_next().
 * Returns FILE_FRAME, FILE_END, or why there is none at present. */
enum file_status turn_find(struct files *files, struct file_entry **entry, struct batch *batch,
                           int wait);

/* The clock of ENTRY. */
static inline struct file_clock *turn_clock(struct files *files, const struct file_entry *entry)
{
    return files->clocks ? &files->clocks[entry - files->entries] : &files->clock;
}

#endif
