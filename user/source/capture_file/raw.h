/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The octets of the file of an input as they are in it, before unpacking. */
#ifndef GAPWATCH_SOURCE_CAPTURE_FILE_RAW_H
#define GAPWATCH_SOURCE_CAPTURE_FILE_RAW_H

#include "source/capture_file/input.h"

/* Opens the file of INPUT, without waiting for the writer of a named pipe, and waits for its first
 * octet. Returns as input_open() does. */
enum open_status raw_open(struct input *input, const char *path, struct error *error);

/* Reads what comes next, up to COUNT octets, to TO. Sets *GOT to their number, with INPUT_DONE.
 * WAIT: as for input_fill(). */
enum input_status raw_read(struct input *input, void *to, size_t count, int wait, size_t *got);

#endif
