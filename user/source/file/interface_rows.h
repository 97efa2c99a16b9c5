/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The sums of the interfaces of all files. */
#ifndef GAPWATCH_SOURCE_FILE_INTERFACE_ROWS_H
#define GAPWATCH_SOURCE_FILE_INTERFACE_ROWS_H

#include <stddef.h>

#include "source/file/files.h"

/* Further interfaces are left out. */
#define INTERFACE_ROWS_MAX 4096

struct interface_rows {
    struct interface_row *rows;
    size_t count;
};

/* Adds the interfaces of FILE that have frames or lost some. */
void interface_rows_add(struct interface_rows *rows, const struct capture_file *file);

#endif
