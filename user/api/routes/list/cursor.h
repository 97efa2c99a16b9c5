/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A cursor names a row of a list by a mark of the list and its order, the sort keys of the row and
 * its id, separated by "~", so that the next page begins behind it. */
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

/* A list and its order. A cursor of another is refused: its keys would say something else here. */
struct cursor_order {
    const char *list;
    const char *const *keys;
    int key_count;
    int is_falling;
};

/* The mark of ORDER in the cursors of CALL; a list of one flow has other marks than that of another
 * flow. */
uint32_t cursor_mark(const struct call *call, const struct cursor_order *order);

/* Reads the cursor of the request. Returns 0, or -1: it is none of ORDER. */
int cursor_read(struct cursor *cursor, const struct call *call, const struct cursor_order *order);

/* Does the same. Returns 0, or -1 with the answer set to an error. */
int call_read_cursor(struct call *call, struct cursor *cursor, const struct cursor_order *order);

/* Writes the cursor of the current row of STATEMENT, with MARK. Its COUNT columns from FIRST on are
 * the keys, the last of them the id. */
void cursor_write(sqlite3_stmt *statement, uint32_t mark, int first, int count, struct text *text);

#endif
