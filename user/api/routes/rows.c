/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/rows.h"

static void write_integer(struct json_writer *json, const struct figure *figure, int64_t value)
{
    if (figure->type == FIGURE_FLAG)
        json_boolean(json, figure->name, value != 0);
    else if (value >= 0)
        json_integer(json, figure->name, (uint64_t)value);
    else
        json_number(json, figure->name, (double)value); /* written by another program */
}

static int is_json(struct reader *reader, const char *text)
{
    sqlite3_stmt *statement;
    struct query query;

    query_init(&query);
    query_add(&query, "SELECT json_valid(?)");
    query_text(&query, text);
    statement = reader_select(reader, &query);
    return reader_next(reader, statement) && sqlite3_column_int(statement, 0);
}

/* Writes TEXT as JSON, or as a string if it is not valid JSON: another program may have written it.
 */
static void write_text(struct call *call, const struct figure *figure, const char *text)
{
    if (figure->type == FIGURE_JSON && is_json(call->reader, text))
        json_raw(&call->answer->json, figure->name, text);
    else
        json_string(&call->answer->json, figure->name, text);
}

void row_write_members(struct call *call, const struct figure_table *table, sqlite3_stmt *statement)
{
    struct json_writer *json = &call->answer->json;

    for (int i = 0; i < (int)table->count; i++) {
        const struct figure *figure = &table->figures[i];

        switch (sqlite3_column_type(statement, i)) {
        case SQLITE_INTEGER:
            write_integer(json, figure, sqlite3_column_int64(statement, i));
            break;
        case SQLITE_FLOAT:
            json_number(json, figure->name, sqlite3_column_double(statement, i));
            break;
        case SQLITE_TEXT:
            write_text(call, figure, reader_text(statement, i));
            break;
        default:
            json_null(json, figure->name);
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

void rows_answer(struct call *call, const char *key, const struct figure_table *table,
                 const struct query *query, int64_t total)
{
    struct json_writer *json = &call->answer->json;
    sqlite3_stmt *statement = reader_select(call->reader, query);
    uint64_t count = 0;

    if (answer_open_json(call->answer) < 0)
        return;
    json_open(json, NULL, '{');
    json_open(json, key, '[');
    for (; reader_next(call->reader, statement); count++) {
        json_new_line(json);
        json_open(json, NULL, '{');
        row_write_members(call, table, statement);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_integer(json, "count", count);
    json_integer(json, "total", (uint64_t)total);
    json_close(json, '}');
    json_end(json);
    answer_close(call->answer);
}
