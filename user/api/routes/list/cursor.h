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

/* A list and its order. A cursor of another list or order is refused, as its keys are other
 * columns. */
struct cursor_order {
    const char *list;
    const char *const *keys;
    int key_count;
    int is_falling;
};

/* The mark of ORDER in the cursors of CALL: a hash of the list, its order and the flow in the path.
 */
uint32_t cursor_mark(const struct call *call, const struct cursor_order *order);

/* Reads the parameter `after` of CALL into CURSOR. Returns 0; or -1: it is not a cursor of ORDER,
 * and CURSOR is undefined. */
int cursor_read(struct cursor *cursor, const struct call *call, const struct cursor_order *order);

/* As cursor_read(), but sets the answer of CALL to an error when it returns -1. */
int call_read_cursor(struct call *call, struct cursor *cursor, const struct cursor_order *order);

/* Adds the cursor of the current row of STATEMENT to TEXT, with MARK from cursor_mark(). COUNT
 * columns from FIRST on are the keys, the last of them the id. */
void cursor_write(sqlite3_stmt *statement, uint32_t mark, int first, int count, struct text *text);

#endif
