/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/config.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define FILE_OCTETS_MAX 65536
#define KEY_CHARS       128

/* SQLite reads the JSON: a row a value, with the path of the object that it is in. */
#define VALUES_SQL "SELECT path, key, type, atom FROM json_tree(?)"

enum column {
    COLUMN_PATH,
    COLUMN_KEY,
    COLUMN_TYPE,
    COLUMN_ATOM,
};

/* Keys that are no option's name: the objects that they are in have others elsewhere, too. */
static const struct alias {
    const char *key;
    const char *option; /* NULL: an object */
} aliases[] = {
    {"database", NULL},      {"database.path", "db"}, {"server", NULL},
    {"server.host", "host"}, {"server.port", "port"},
};

#define ALIAS_COUNT (sizeof(aliases) / sizeof(aliases[0]))

/* Reads the file into TEXT of FILE_OCTETS_MAX + 1. Returns its length, or -1 with ERROR set. */
static long read_file(const char *path, char *text, struct error *error)
{
    FILE *file = fopen(path, "r");
    size_t length;
    int failed;

    if (!file)
        return error_set(error, "cannot read %s: %s", path, strerror(errno));
    length = fread(text, 1, FILE_OCTETS_MAX + 1, file);
    failed = ferror(file) ? errno : 0;
    fclose(file);
    if (failed)
        return error_set(error, "cannot read %s: %s", path, strerror(failed));
    if (length > FILE_OCTETS_MAX)
        return error_set(error, "%s is longer than %d bytes", path, FILE_OCTETS_MAX);
    return (long)length;
}

static const char *column_text(sqlite3_stmt *row, enum column column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return text ? text : "";
}

static const struct alias *find_alias(const char *key)
{
    for (size_t i = 0; i < ALIAS_COUNT; i++)
        if (strcmp(aliases[i].key, key) == 0)
            return &aliases[i];
    return NULL;
}

/* Sets the option that the value at ROW is for; the file is named by PATH. */
static int apply_value(struct options *options, const char *path, sqlite3_stmt *row,
                       struct error *error)
{
    const char *type = column_text(row, COLUMN_TYPE);
    const char *within = column_text(row, COLUMN_PATH);
    char chars[KEY_CHARS];
    struct text key = text_over(chars, sizeof(chars));
    const struct alias *alias;
    struct error why;

    if (sqlite3_column_type(row, COLUMN_KEY) == SQLITE_NULL) /* the whole file */
        return strcmp(type, "object") == 0 ? 0 : error_set(error, "%s holds no JSON object", path);
    text_add(&key, "%s%s%s", strcmp(within, "$") == 0 ? "" : within + strlen("$."),
             strcmp(within, "$") == 0 ? "" : ".", column_text(row, COLUMN_KEY));
    alias = find_alias(chars);
    if (alias && !alias->option)
        return strcmp(type, "object") == 0
                   ? 0
                   : error_set(error, "%s: %s takes an object", path, chars);
    if (options_set(options, alias ? alias->option : chars, type, column_text(row, COLUMN_ATOM),
                    &why) == 0)
        return 0;
    return error_set(error, "%s: %s: %s", path, chars, why.text);
}

/* Runs over the values in JSON. Returns 0, or -1 with ERROR set. */
static int apply_values(struct options *options, const char *path, sqlite3_stmt *values,
                        struct error *error)
{
    int result;

    while ((result = sqlite3_step(values)) == SQLITE_ROW)
        if (apply_value(options, path, values, error) < 0)
            return -1;
    return result == SQLITE_DONE ? 0 : error_set(error, "%s is not JSON", path);
}

enum options_status config_apply(struct options *options, const char *path, struct error *error)
{
    char text[FILE_OCTETS_MAX + 1];
    long length = read_file(path, text, error);
    sqlite3_stmt *values = NULL;
    sqlite3 *memory = NULL;
    int result;

    if (length < 0)
        return OPTIONS_FAILED;
    if (sqlite3_open(":memory:", &memory) != SQLITE_OK ||
        sqlite3_prepare_v2(memory, VALUES_SQL, -1, &values, NULL) != SQLITE_OK ||
        sqlite3_bind_text(values, 1, text, (int)length, SQLITE_STATIC) != SQLITE_OK)
        result = error_set(error, "cannot read %s: %s", path, sqlite3_errmsg(memory));
    else
        result = apply_values(options, path, values, error);
    sqlite3_finalize(values);
    sqlite3_close(memory);
    return result < 0 ? OPTIONS_WRONG : OPTIONS_DONE;
}
