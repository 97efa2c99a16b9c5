/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Frames that the files do not have though they were on the wire: the sensor that wrote them lost
 * them, or they are in a part of a file that cannot be read. Gaps there are undetermined. */
#ifndef GAPWATCH_SOURCE_FILE_LOSSES_H
#define GAPWATCH_SOURCE_FILE_LOSSES_H

#include "source/file/state.h"

/* As losses_note(), where something may have been lost. */
int losses_note_any(struct files *files, struct file_entry *entry, struct batch *batch);

/* Notes in BATCH what was lost in front of the next frame of ENTRY. Returns 0 when that has to wait
 * for the next batch, as a batch has one span. */
static inline int losses_note(struct files *files, struct file_entry *entry, struct batch *batch)
{
    return (!files->left_out && !entry->frame.lost && !entry->survey.lossy) ||
           losses_note_any(files, entry, batch);
}

/* Counts the losses that the next frame or block of ENTRY reports. */
void losses_count(struct files *files, const struct file_entry *entry);

/* Takes a statistics block of ENTRY. If the survey did not see it, it can still affect gaps that
 * have not been declared. */
void losses_take_statistics(struct files *files, struct file_entry *entry, struct batch *batch);

/* Notes that the frames after the last one cannot be read, because ENTRY is damaged or gone; NULL:
 * a file whose interfaces are not known. */
void losses_leave_out(struct files *files, const struct file_entry *entry);

/* The origin of the next frame or block of ENTRY. */
static inline unsigned losses_origin(struct files *files, struct file_entry *entry)
{
    size_t file = files->options.by_time ? entry->index : ORIGIN_OF_ANY_FILE;

    return origins_of(&files->origins, file, entry->frame.interface);
}

#endif
