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

/* Adds FORMAT, which is SQL with a ? for each value, to QUERY. Never pass text from a client. */
void query_add(struct query *query, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets the value of the next ? of QUERY. */
void query_integer(struct query *query, int64_t value);

/* The same for a number with decimals. */
void query_real(struct query *query, double value);

/* The same for text, which must stay valid until the query is bound. */
void query_text(struct query *query, const char *value);

/* Binds the values to STATEMENT, prepared from the SQL. Returns SQLite's result code. */
int query_bind(const struct query *query, sqlite3_stmt *statement);

/* Writes the SQL and the values to KEY. Equal keys mean equal queries. */
void query_key(const struct query *query, struct text *key);

#endif
