/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "source/capture_file/open.h"

/* Adds PATH, which becomes LISTING's. Returns 0, or -1: no memory; then PATH is freed. */
static int append(struct listing *listing, char *path)
{
    struct listed_path *paths =
        path ? realloc(listing->paths, (listing->count + 1) * sizeof(*paths)) : NULL;

    if (!paths) {
        free(path);
        return -1;
    }
    paths[listing->count++] = (struct listed_path){.path = path, .given = listing->given};
    listing->paths = paths;
    return 0;
}

static int is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int is_regular_file(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* Whether PATH is a capture file, also one that this program cannot read. */
static int is_capture(const char *path)
{
    struct link_cache links = {0};
    struct capture_file file;
    struct error ignored;
    int is_open;

    if (!is_regular_file(path))
        return 0;
    is_open = capture_file_open(&file, path, 0, &links, &ignored) == OPEN_DONE;
    if (is_open)
        capture_file_close(&file);
    link_cache_release(&links);
    return file.is_recognised;
}

/* Adds the file NAME in DIRECTORY, if it is a capture. Returns 0, or -1: no memory. */
static int add_entry(struct listing *listing, const char *directory, const char *name)
{
    size_t length = strlen(directory) + strlen(name) + 2;
    char *path = malloc(length);

    if (!path)
        return -1;
    snprintf(path, length, "%s%s%s", directory, directory[strlen(directory) - 1] == '/' ? "" : "/",
             name);
    if (*name != '.' && is_capture(path))
        return append(listing, path);
    free(path);
    return 0;
}

static int add_directory(struct listing *listing, const char *path, struct error *error)
{
    size_t before = listing->count;
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    int status = 0;

    if (count < 0)
        return error_set(error, "%s: %s", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        if (status == 0 && add_entry(listing, path, entries[i]->d_name) < 0)
            status = error_set(error, "%s: %s", path, strerror(ENOMEM));
        free(entries[i]);
    }
    free(entries);
    if (status == 0 && listing->count == before)
        return error_set(error, "%s: no capture file in this directory", path);
    return status;
}

int listing_add(struct listing *listing, const char *path, struct error *error)
{
    int status = 0;

    if (is_directory(path))
        status = add_directory(listing, path, error);
    else if (append(listing, strdup(path)) < 0)
        status = error_set(error, "%s: %s", path, strerror(ENOMEM));
    listing->given++;
    return status;
}

void listing_release(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        free(listing->paths[i].path);
    free(listing->paths);
    *listing = (struct listing){0};
}
