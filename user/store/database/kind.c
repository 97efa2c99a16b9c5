/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/database/kind.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int database_is_at(const char *path)
{
    static const char magic[] = "SQLite format 3"; /* with its terminator, as in the file */
    char start[sizeof(magic)];
    struct stat status;
    FILE *file;
    int is_equal;

    if (stat(path, &status) < 0 || !S_ISREG(status.st_mode) || !(file = fopen(path, "rb")))
        return 0;
    is_equal =
        fread(start, sizeof(start), 1, file) == 1 && memcmp(start, magic, sizeof(magic)) == 0;
    fclose(file);
    return is_equal;
}
