/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A SELECT statement under construction: SQL from the program, values from a client. */
#ifndef GAPWATCH_API_DATABASE_QUERY_H
#define GAPWATCH_API_DATABASE_QUERY_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/text.h"

/* Enough for a list with one SELECT for each of many captures. */
#define QUERY_CHARS      32768
#define QUERY_VALUES_MAX 1024

struct query_value {
    enum { VALUE_INTEGER, VALUE_REAL, VALUE_TEXT } type;
    union {
        int64_t integer;
        double real;
        const char *text; /* must stay valid until the query is bound */
    };
};

struct query {
    struct text sql;
    char chars[QUERY_CHARS];
    struct query_value values[QUERY_VALUES_MAX];
    int value_count;
};

/* Makes QUERY empty. */
void query_init(struct query *query);

/* Adds FORMAT, SQL with a ? for each value, to QUERY. Its arguments are as for printf; never pass
 * text from a client. SQL that does not fit is left out, and the statement is then not valid. */
void query_add(struct query *query, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets the next ? of QUERY to VALUE. Beyond QUERY_VALUES_MAX it replaces the last one. */
void query_integer(struct query *query, int64_t value);

/* As query_integer(), for a number with decimals. */
void query_real(struct query *query, double value);

/* As query_integer(), for text, which must stay valid until QUERY is bound or made a key. */
void query_text(struct query *query, const char *value);

/* Binds the values of QUERY to STATEMENT, which was prepared from its SQL and copies them. Returns
 * SQLite's result code. */
int query_bind(const struct query *query, sqlite3_stmt *statement);

/* Adds the SQL of QUERY and its values to KEY. Equal keys mean equal queries, if they fit. */
void query_key(const struct query *query, struct text *key);

#endif
