/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Files of lines that end with a whole line, whatever fails. */
#ifndef GAPWATCH_SHIP_APPEND_H
#define GAPWATCH_SHIP_APPEND_H

#include <stddef.h>
#include <sys/types.h>

/* Appends SIZE octets of LINES to FILE, which has LENGTH octets and was opened with O_APPEND, and
 * waits until the disk has them. Returns 0; 1 with errno when that failed and the file is as it
 * was; or -1 with errno when a part of LINES is left in it. */
int append_lines(int file, off_t length, const char *lines, size_t size);

#endif
