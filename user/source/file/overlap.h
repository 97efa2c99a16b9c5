/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Files whose frames are not all behind those of the files before them. */
#ifndef GAPWATCH_SOURCE_FILE_OVERLAP_H
#define GAPWATCH_SOURCE_FILE_OVERLAP_H

#include "source/file/state.h"

/* Notes whether the next frame of ENTRY, if it is the first one of its interface, is older than
 * frames in the files before. */
void overlap_look(struct files *files, struct file_entry *entry);

/* ENTRY has been read: counts it if it overlaps in time with files before. */
void overlap_count(struct files *files, const struct file_entry *entry);

/* Says to the user which files overlap. */
void overlap_remark(const struct files *files);

#endif
