/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A cursor names a row of a list by its sort keys and its id, separated by "~", so that the next
 * page begins behind it. */
#ifndef GAPWATCH_API_ROUTES_LIST_CURSOR_H
#define GAPWATCH_API_ROUTES_LIST_CURSOR_H

#include <sqlite3.h>
#include <stdint.h>

#include "api/routes/api.h"
#include "base/text.h"

#define CURSOR_KEYS 2

struct cursor {
    char keys[CURSOR_KEYS][PARAMETER_CHARS]; /* as SQLite writes them; "": NULL */
    int64_t id;
};

/* Reads a cursor with KEY_COUNT keys. Returns 0, or -1: TEXT is none. */
int cursor_read(struct cursor *cursor, const char *text, int key_count);

/* Reads the cursor of the request. Returns 0, or -1 with the answer set to an error. */
int call_read_cursor(struct call *call, struct cursor *cursor, int key_count);

/* Writes the cursor of the current row of STATEMENT. Its COUNT columns from FIRST on are the keys,
 * the last of them the id. */
void cursor_write(sqlite3_stmt *statement, int first, int count, struct text *text);

#endif
