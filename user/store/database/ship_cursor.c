/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/database/ship_cursor.h"

#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define FORMAT                                                                                     \
    "gapwatch-cursor 1\nstore %s\nchange %" PRId64 "\n"                                            \
    "pass %" PRId64 " %" PRIu32 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n"
#define SCAN                                                                                       \
    "gapwatch-cursor 1\nstore %39s\nchange %" SCNd64 "\n"                                          \
    "pass %" SCNd64 " %" SCNu32 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64
#define MEMBERS 8

void ship_cursor_reset(struct ship_cursor *cursor, const char *store)
{
    *cursor = (struct ship_cursor){
        .change = SHIP_NO_CHANGE,
        .pass_change = SHIP_NO_CHANGE,
    };
    ship_cursor_begin_table(cursor, 0);
    snprintf(cursor->store, sizeof(cursor->store), "%s", store);
}

void ship_cursor_begin_table(struct ship_cursor *cursor, uint32_t table)
{
    cursor->pass_table = table;
    for (size_t i = 0; i < SHIP_POSITION; i++)
        cursor->position[i] = SHIP_NOTHING;
}

int ship_cursor_read(struct ship_cursor *cursor, const char *path)
{
    FILE *file = fopen(path, "r");
    int found;

    if (!file)
        return -1;
    found = fscanf(file, SCAN, cursor->store, &cursor->change, &cursor->pass_change,
                   &cursor->pass_table, &cursor->position[0], &cursor->position[1],
                   &cursor->position[2], &cursor->position[3]);
    fclose(file);
    return found == MEMBERS ? 0 : -1;
}

int ship_cursor_write(const struct ship_cursor *cursor, const char *path, struct error *error)
{
    char fresh[PATH_MAX];
    FILE *file;
    int status;

    snprintf(fresh, sizeof(fresh), "%s.new", path);
    file = fopen(fresh, "w");
    if (!file)
        return error_set(error, "%s: %s", fresh, strerror(errno));
    fprintf(file, FORMAT, cursor->store, cursor->change, cursor->pass_change, cursor->pass_table,
            cursor->position[0], cursor->position[1], cursor->position[2], cursor->position[3]);
    status = ferror(file);
    if (fclose(file) != 0 || status || rename(fresh, path) < 0)
        return error_set(error, "%s: %s", path, strerror(errno));
    return 0;
}

/* Writes PATH to PATTERN so that none of its characters is special for glob(). */
static void escape(const char *path, char *pattern)
{
    for (; *path; path++) {
        if (strchr("*?[]\\", *path))
            *pattern++ = '\\';
        *pattern++ = *path;
    }
    strcpy(pattern, ".ship-*");
}

/* Whether PATH is the name of a cursor, not of what is kept beside it. */
static int is_cursor(const char *path)
{
    const char *end = strrchr(path, '.');

    return strcmp(end, ".new") != 0 && strcmp(end, ".refused") != 0;
}

/* Up to which change the owner of the cursor PATH has copied the results of STORE. Of a damaged
 * cursor, or one of another version, nobody knows. */
static int64_t read_change(const char *path, const char *store)
{
    struct ship_cursor cursor;

    if (!is_cursor(path))
        return INT64_MAX;
    if (ship_cursor_read(&cursor, path) < 0)
        return SHIP_NO_CHANGE;
    return strcmp(cursor.store, store) == 0 ? cursor.change : INT64_MAX;
}

int64_t ship_cursors_change(const char *database, const char *store)
{
    char pattern[2 * PATH_MAX + 16];
    int64_t change = INT64_MAX;
    glob_t found;

    if (strlen(database) >= PATH_MAX)
        return INT64_MAX;
    escape(database, pattern);
    if (glob(pattern, 0, NULL, &found) != 0)
        return INT64_MAX;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        int64_t copied = read_change(found.gl_pathv[i], store);

        if (copied < change)
            change = copied;
    }
    globfree(&found);
    return change;
}
