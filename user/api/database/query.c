/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/database/query.h"

#include <stdarg.h>
#include <stdio.h>

void query_init(struct query *query)
{
    query->sql = text_over(query->chars, sizeof(query->chars));
    query->value_count = 0;
}

void query_add(struct query *query, const char *format, ...)
{
    char sql[QUERY_CHARS];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(sql, sizeof(sql), format, arguments);
    va_end(arguments);
    text_add(&query->sql, "%s", sql);
}

static struct query_value *next_value(struct query *query)
{
    /* The last value is reused when there is no room; the statement then has too few values. */
    if (query->value_count < QUERY_VALUES_MAX)
        query->value_count++;
    return &query->values[query->value_count - 1];
}

void query_integer(struct query *query, int64_t value)
{
    *next_value(query) = (struct query_value){.type = VALUE_INTEGER, .integer = value};
}

void query_real(struct query *query, double value)
{
    *next_value(query) = (struct query_value){.type = VALUE_REAL, .real = value};
}

void query_text(struct query *query, const char *value)
{
    *next_value(query) = (struct query_value){.type = VALUE_TEXT, .text = value};
}

static int bind_value(const struct query_value *value, sqlite3_stmt *statement, int place)
{
    switch (value->type) {
    case VALUE_INTEGER:
        return sqlite3_bind_int64(statement, place, value->integer);
    case VALUE_REAL:
        return sqlite3_bind_double(statement, place, value->real);
    case VALUE_TEXT:
        return sqlite3_bind_text(statement, place, value->text, -1, SQLITE_TRANSIENT);
    }
    return SQLITE_MISUSE;
}

int query_bind(const struct query *query, sqlite3_stmt *statement)
{
    int result = SQLITE_OK;

    for (int i = 0; i < query->value_count && result == SQLITE_OK; i++)
        result = bind_value(&query->values[i], statement, i + 1);
    return result;
}

void query_key(const struct query *query, struct text *key)
{
    text_add(key, "%s", query->sql.chars);
    for (int i = 0; i < query->value_count; i++) {
        const struct query_value *value = &query->values[i];

        switch (value->type) {
        case VALUE_INTEGER:
            text_add(key, "\n%lld", (long long)value->integer);
            break;
        case VALUE_REAL:
            text_add(key, "\n%a", value->real);
            break;
        case VALUE_TEXT:
            text_add(key, "\n%s", value->text);
            break;
        }
    }
}
