/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The progress of a program that copies the results elsewhere. Its cursor is a small file beside
 * the database, DB.ship-NAME, which is replaced as a whole. Retention reads the cursors of a
 * database, so that nothing is removed that was not copied yet. */
#ifndef GAPWATCH_STORE_DATABASE_SHIP_CURSOR_H
#define GAPWATCH_STORE_DATABASE_SHIP_CURSOR_H

#include <stdint.h>

#include "base/error.h"

#define SHIP_UUID_CHARS 40
#define SHIP_POSITION   4         /* numbers that make a position in a table, at most */
#define SHIP_NO_CHANGE  (-1)      /* a change before all others */
#define SHIP_NOTHING    INT64_MIN /* as each of them: a position before all rows */

struct ship_cursor {
    char store[SHIP_UUID_CHARS]; /* UUID of the database */
    int64_t change;              /* all changes up to this one were copied */

    /* The pass that was begun last, which copies everything since `change`. */
    int64_t pass_change;             /* the newest change when it began */
    uint32_t pass_table;             /* number of the table; those before it are done */
    int64_t position[SHIP_POSITION]; /* of the last row copied of it */
};

/* Sets CURSOR to the start of the database with UUID STORE. */
void ship_cursor_reset(struct ship_cursor *cursor, const char *store);

/* Moves CURSOR to the start of TABLE in its pass. */
void ship_cursor_begin_table(struct ship_cursor *cursor, uint32_t table);

/* Reads the file PATH. Returns 0, or -1: there is none, or it is no cursor. */
int ship_cursor_read(struct ship_cursor *cursor, const char *path);

/* Replaces the file PATH. Returns 0, or -1 with ERROR set. */
int ship_cursor_write(const struct ship_cursor *cursor, const char *path, struct error *error);

/* The change up to which the results in DATABASE, with UUID STORE, were copied to all targets that
 * have a cursor; INT64_MAX when there is no cursor; SHIP_NO_CHANGE while one cannot be read. */
int64_t ship_cursors_change(const char *database, const char *store);

#endif
