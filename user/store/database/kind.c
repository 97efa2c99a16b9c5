/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/database/kind.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum kind {
    KIND_UNKNOWN, /* empty, or no regular file, or it cannot be read */
    KIND_DATABASE,
    KIND_OTHER,
};

static enum kind kind_at(const char *path)
{
    static const char magic[] = "SQLite format 3"; /* with its terminator, as in the file */
    char start[sizeof(magic)];
    struct stat status;
    FILE *file;
    size_t got;

    if (stat(path, &status) < 0 || !S_ISREG(status.st_mode) || !(file = fopen(path, "rb")))
        return KIND_UNKNOWN;
    got = fread(start, 1, sizeof(start), file);
    fclose(file);
    if (!got)
        return KIND_UNKNOWN;
    return got == sizeof(start) && memcmp(start, magic, sizeof(magic)) == 0 ? KIND_DATABASE
                                                                            : KIND_OTHER;
}

int database_is_at(const char *path)
{
    return kind_at(path) == KIND_DATABASE;
}

int database_is_none_at(const char *path)
{
    return kind_at(path) == KIND_OTHER;
}
