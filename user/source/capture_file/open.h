/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Opens capture files of either format. */
#ifndef GAPWATCH_SOURCE_CAPTURE_FILE_OPEN_H
#define GAPWATCH_SOURCE_CAPTURE_FILE_OPEN_H

#include "source/capture_file/capture_file.h"

/*
 * Opens PATH ("-": standard input), which must outlive FILE, and reads its header. FOLLOWS: as for
 * input_open(). LINKS must outlive FILE. Returns as source_ops.open() does, with ERROR set.
 */
enum open_status capture_file_open(struct capture_file *file, const char *path, int follows,
                                   struct link_cache *links, struct error *error);

/* As capture_file_open() does, reads the header of FILE, whose path, input and links are set. */
enum open_status capture_file_begin(struct capture_file *file, struct error *error);

#endif
