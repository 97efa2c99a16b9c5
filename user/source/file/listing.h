/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The capture files that the user named: files, and directories of files. */
#ifndef GAPWATCH_SOURCE_FILE_LISTING_H
#define GAPWATCH_SOURCE_FILE_LISTING_H

#include <stddef.h>

#include "base/error.h"

struct listed_path {
    char *path;
    size_t given; /* in which call of listing_add() it came, from 0 */
};

struct listing {
    struct listed_path *paths;
    size_t count;
    size_t given; /* paths that were added with listing_add() */
};

/* Adds PATH to LISTING, or, if it is a directory, the capture files in it (not in directories in
 * it), sorted by name; other files there are left out. Returns 0, or -1 with ERROR set. */
int listing_add(struct listing *listing, const char *path, struct error *error);

/* Frees the paths of LISTING. */
void listing_release(struct listing *listing);

#endif
