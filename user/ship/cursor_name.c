/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "ship/cursor_name.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TARGET_CHARS 80 /* of the target in the name */

/* Writes what tells the target from all others to NAME: of a folder, its real path. */
static void name_target(const char *to, char *name, size_t size)
{
    char folder[PATH_MAX];

    if (strncmp(to, FILES_SCHEME, strlen(FILES_SCHEME)) == 0 &&
        realpath(to + strlen(FILES_SCHEME), folder))
        snprintf(name, size, FILES_SCHEME "%s", folder);
    else
        snprintf(name, size, "%s", to);
}

/* FNV-1a. */
static uint32_t hash(const char *text)
{
    uint32_t number = UINT32_C(0x811c9dc5);

    for (; *text; text++)
        number = (number ^ (unsigned char)*text) * UINT32_C(0x01000193);
    return number;
}

/* Targets that differ only in characters that a file's name should not have, or behind those that
 * it has room for, differ in the hash. */
int cursor_name(const char *database, const char *to, char path[PATH_MAX], struct error *error)
{
    char target[PATH_MAX + 16];
    uint32_t number;
    int length;

    name_target(to, target, sizeof(target));
    number = hash(target);
    for (char *next = target; *next; next++)
        if (!isalnum((unsigned char)*next) && !strchr("._-", *next))
            *next = '-';
    length =
        snprintf(path, PATH_MAX, "%s.ship-%.*s-%08" PRIx32, database, TARGET_CHARS, target, number);
    return length < PATH_MAX ? 0 : error_set(error, "%s: the path is too long", database);
}
