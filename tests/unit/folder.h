/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A folder of a test's own, with room for a database and the files beside it. */
#ifndef GAPWATCH_TESTS_UNIT_FOLDER_H
#define GAPWATCH_TESTS_UNIT_FOLDER_H

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

static char folder[64];
static char path[96]; /* of the database */

/* Setup of a test: makes the folder, and sets `path` to a name in it that is free. */
static int folder_make(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/gapwatch-unit-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/db", folder);
    return 0;
}

/* Teardown of a test: removes the folder and the files in it. Returns 0, or -1 with errno set. */
static int folder_remove(void **state)
{
    char pattern[96];
    glob_t found;

    (void)state;
    snprintf(pattern, sizeof(pattern), "%s/*", folder);
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            unlink(found.gl_pathv[i]);
        globfree(&found);
    }
    return rmdir(folder);
}

#endif
