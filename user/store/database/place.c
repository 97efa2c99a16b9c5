/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/database/place.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct place_file find(const char *path, const char *suffix, char name[PATH_MAX])
{
    struct stat status;

    snprintf(name, PATH_MAX, "%s%s", path, suffix);
    if (stat(name, &status) < 0)
        return (struct place_file){0};
    return (struct place_file){.device = status.st_dev, .number = status.st_ino};
}

static int is_same(const struct place_file *file, const struct place_file *other)
{
    return file->device == other->device && file->number == other->number;
}

void place_note(struct place *place, const char *path)
{
    char name[PATH_MAX];

    place->database = find(path, "", name);
    place->log = find(path, "-wal", name);
    place->index = find(path, "-shm", name);
}

int place_has_changed(const struct place *place, const char *path)
{
    char name[PATH_MAX];
    struct place_file now = find(path, "", name);

    return !is_same(&place->database, &now);
}

static int is_empty(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !status.st_size;
}

int place_is_damaged(const struct place *place, const char *path)
{
    struct place now;

    place_note(&now, path);
    return is_empty(path) || !is_same(&place->log, &now.log) || !is_same(&place->index, &now.index);
}

static void remove_noted(const struct place_file *noted, const char *path, const char *suffix)
{
    char name[PATH_MAX];
    struct place_file now = find(path, suffix, name);

    if (now.number && is_same(noted, &now))
        unlink(name);
}

void place_remove_rest(const struct place *place, const char *path)
{
    remove_noted(&place->log, path, "-wal");
    remove_noted(&place->index, path, "-shm");
}
