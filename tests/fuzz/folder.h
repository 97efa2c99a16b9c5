/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A folder in memory for the files of a fuzzer, which is removed when the fuzzer ends. */
#ifndef GAPWATCH_FUZZ_FOLDER_H
#define GAPWATCH_FUZZ_FOLDER_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/dev/shm/gapwatch-fuzz-XXXXXX";

/* Removes all files in the folder. */
static inline void folder_clear(void)
{
    DIR *directory = opendir(folder);
    struct dirent *entry;
    char path[sizeof(folder) + sizeof(entry->d_name)];

    while (directory && (entry = readdir(directory))) {
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (*entry->d_name != '.')
            unlink(path);
    }
    if (directory)
        closedir(directory);
}

static inline void folder_remove(void)
{
    folder_clear();
    rmdir(folder);
}

/* Makes the folder. */
static inline void folder_make(void)
{
    if (!mkdtemp(folder))
        abort();
    atexit(folder_remove);
}

#endif
