/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/rows.h"

#include <string.h>

/* SQLite has no type for them. */
static const char *const booleans[] = {"implicit_sci", "mixed_senders", "withdrawn", "ended"};

static int is_boolean(const char *column)
{
    for (size_t i = 0; i < sizeof(booleans) / sizeof(booleans[0]); i++)
        if (*column == *booleans[i] && strcmp(column, booleans[i]) == 0)
            return 1;
    return 0;
}

static void write_integer(struct json_writer *json, const char *key, int64_t value)
{
    if (is_boolean(key))
        json_boolean(json, key, value != 0);
    else if (value >= 0)
        json_integer(json, key, (uint64_t)value);
    else
        json_number(json, key, (double)value); /* the program writes none */
}

void row_write_members(struct json_writer *json, sqlite3_stmt *statement)
{
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        const char *key = sqlite3_column_name(statement, i);

        switch (sqlite3_column_type(statement, i)) {
        case SQLITE_INTEGER:
            write_integer(json, key, sqlite3_column_int64(statement, i));
            break;
        case SQLITE_FLOAT:
            json_number(json, key, sqlite3_column_double(statement, i));
            break;
        case SQLITE_TEXT:
            json_string(json, key, (const char *)sqlite3_column_text(statement, i));
            break;
        default:
            json_null(json, key);
        }
    }
}

void query_page(struct query *query, const struct parameters *parameters)
{
    query_add(query, " LIMIT ? OFFSET ?");
    query_integer(query, parameters->limit);
    query_integer(query, parameters->offset);
}

void query_rows_by_id(struct query *query, const char *columns, const char *table)
{
    query_init(query);
    query_add(query, "SELECT %s FROM %s WHERE id IN (", columns, table);
}

void query_page_of_ids(struct query *query, const char *order, const struct parameters *parameters)
{
    query_add(query, " ORDER BY %s", order);
    query_page(query, parameters);
    query_add(query, ") ORDER BY %s", order);
}

void rows_answer(struct call *call, const char *key, const struct query *query, int64_t total)
{
    struct json_writer *json = &call->answer->json;
    sqlite3_stmt *statement = database_select(call->database, query);
    uint64_t count = 0;

    if (answer_open_json(call->answer) < 0)
        return;
    json_open(json, NULL, '{');
    json_open(json, key, '[');
    for (; database_next(call->database, statement); count++) {
        json_new_line(json);
        json_open(json, NULL, '{');
        row_write_members(json, statement);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_integer(json, "count", count);
    json_integer(json, "total", (uint64_t)total);
    json_close(json, '}');
    json_end(json);
    answer_close(call->answer);
}
