/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Binds VALUE, a figure, to parameter PLACE, from 1, of STATEMENT: one function for each type of
 * the table of figures (figures/table.h). SQLite remembers a failure and reports it when the
 * statement runs. Texts must stay valid until then. */
#ifndef GAPWATCH_STORE_DATABASE_BIND_H
#define GAPWATCH_STORE_DATABASE_BIND_H

#include <math.h>
#include <sqlite3.h>

#include "base/units.h"
#include "figures/table.h"
#include "store/database/database.h"

/* Binds VALUE if IS_KNOWN, else NULL. */
static inline void bind_optional(sqlite3_stmt *statement, int place, int is_known, uint64_t value)
{
    if (is_known)
        sqlite3_bind_int64(statement, place, (sqlite3_int64)value);
    else
        sqlite3_bind_null(statement, place);
}

/* FIGURE_NULL becomes NULL. */
static inline void bind_COUNT(sqlite3_stmt *statement, int place, uint64_t value)
{
    bind_optional(statement, place, value != FIGURE_NULL, value);
}

/* 0 becomes NULL. */
static inline void bind_SIZE(sqlite3_stmt *statement, int place, uint64_t value)
{
    bind_optional(statement, place, value != 0, value);
}

/* As bind_COUNT(). */
static inline void bind_NUMBER(sqlite3_stmt *statement, int place, uint64_t value)
{
    bind_COUNT(statement, place, value);
}

/* 0 becomes NULL. */
static inline void bind_ID(sqlite3_stmt *statement, int place, int64_t value)
{
    bind_optional(statement, place, value != 0, (uint64_t)value);
}

/* Anything but 0 becomes 1. */
static inline void bind_FLAG(sqlite3_stmt *statement, int place, int value)
{
    sqlite3_bind_int(statement, place, value != 0);
}

/* NAN becomes NULL. */
static inline void bind_REAL(sqlite3_stmt *statement, int place, double value)
{
    sqlite3_bind_double(statement, place, value);
}

#define bind_RATIO      bind_REAL
#define bind_DIFFERENCE bind_REAL

/* VALUE is in nanoseconds; the column is in seconds. */
static inline void bind_SECONDS(sqlite3_stmt *statement, int place, uint64_t value)
{
    sqlite3_bind_double(statement, place, (double)value / (double)NS_PER_SECOND);
}

/* VALUE is in nanoseconds; the column is in milliseconds. FIGURE_NULL becomes NULL. */
static inline void bind_MS(sqlite3_stmt *statement, int place, uint64_t value)
{
    sqlite3_bind_double(statement, place, value == FIGURE_NULL ? NAN : (double)value / NS_PER_MS);
}

/* VALUE is in nanoseconds since 1970; the column is a text, or NULL for FIGURE_NULL. */
static inline void bind_TIME(sqlite3_stmt *statement, int place, uint64_t value)
{
    if (value != FIGURE_NULL)
        statement_bind_time(statement, place, value);
    else
        sqlite3_bind_null(statement, place);
}

/* VALUE stays the caller's; NULL becomes NULL. */
static inline void bind_TEXT(sqlite3_stmt *statement, int place, const char *value)
{
    sqlite3_bind_text(statement, place, value, -1, SQLITE_STATIC);
}

#define bind_PROTOCOL  bind_TEXT
#define bind_CAUSE     bind_TEXT
#define bind_VIEW      bind_TEXT
#define bind_KIND      bind_TEXT
#define bind_CERTAINTY bind_TEXT
#define bind_DIRECTION bind_TEXT
#define bind_JSON      bind_TEXT

#endif
