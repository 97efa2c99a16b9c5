/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/list/rows.h"

#include <string.h>

#include "api/routes/list/csv.h"
#include "api/routes/list/cursor.h"

static void write_integer(struct json_writer *json, const struct figure *figure, int64_t value)
{
    if (figure->type == FIGURE_FLAG)
        json_boolean(json, figure->name, value != 0);
    else if (value >= 0)
        json_integer(json, figure->name, (uint64_t)value);
    else
        json_number(json, figure->name, (double)value); /* written by another program */
}

/* The JSON text TEXT without white space, until the next call; NULL: it is no JSON. */
static const char *compact_json(struct reader *reader, const char *text)
{
    sqlite3_stmt *statement;
    struct query query;

    query_init(&query);
    query_add(&query, "SELECT json(value) FROM (SELECT ? AS value) WHERE json_valid(value)");
    query_text(&query, text);
    statement = reader_select(reader, &query);
    return reader_next(reader, statement) ? reader_text(statement, 0) : NULL;
}

/* Writes TEXT as JSON, or as a string if it is not valid JSON: another program may have written it.
 * A JSON text must not bring line breaks, which would end an event of the stream. */
static void write_text(struct call *call, const struct figure *figure, const char *text)
{
    const char *compact = NULL;

    if (figure->type == FIGURE_JSON)
        compact = compact_json(call->reader, text);
    if (compact)
        json_raw(&call->answer->json, figure->name, compact);
    else
        json_string(&call->answer->json, figure->name, text);
}

static void write_member(struct call *call, const struct figure *figure, sqlite3_stmt *statement,
                         int column)
{
    struct json_writer *json = &call->answer->json;

    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        write_integer(json, figure, sqlite3_column_int64(statement, column));
        break;
    case SQLITE_FLOAT:
        json_number(json, figure->name, sqlite3_column_double(statement, column));
        break;
    case SQLITE_TEXT:
        write_text(call, figure, reader_text(statement, column));
        break;
    default:
        json_null(json, figure->name);
    }
}

/* The figure of a flow that is called NAME; other names stand for text. */
static struct figure figure_of_name(const char *name)
{
    for (size_t i = 0; name && i < flow_figures_table.count; i++)
        if (strcmp(flow_figures_table.figures[i].name, name) == 0)
            return flow_figures_table.figures[i];
    return (struct figure){name, FIGURE_TEXT};
}

void row_write_members(struct call *call, const struct figure_table *table, int more,
                       sqlite3_stmt *statement)
{
    int count = (int)table->count;

    for (int i = 0; i < count + more; i++) {
        const struct figure other = figure_of_name(sqlite3_column_name(statement, i));

        write_member(call, i < count ? &table->figures[i] : &other, statement, i);
    }
}

void query_page(struct query *query, const struct parameters *parameters)
{
    query_add(query, " LIMIT ? OFFSET ?");
    query_integer(query, parameters->limit);
    query_integer(query, parameters->offset);
}

/* Writes the rows as JSON. Returns their number, and the cursor of the last one in NEXT. */
static int64_t write_rows(struct call *call, const struct rows *rows, sqlite3_stmt *statement,
                          struct text *next)
{
    struct json_writer *json = &call->answer->json;
    int shown = (int)rows->figures->count + rows->more;
    int64_t count = 0;

    for (; reader_next(call->reader, statement); count++) {
        json_new_line(json);
        json_open(json, NULL, '{');
        row_write_members(call, rows->figures, rows->more, statement);
        json_close(json, '}');
        next->length = 0;
        cursor_write(statement, rows->mark, shown, rows->keys, next);
    }
    return count;
}

/* Ends the answer. A page that is not full is the last one. */
static void end_answer(struct call *call, int64_t count, struct total total, const char *next)
{
    const struct parameters *parameters = call->parameters;
    struct json_writer *json = &call->answer->json;
    int64_t known = count;

    if (!(parameters->given & GIVEN(PARAMETER_AFTER)) && count)
        known = parameters->offset + count;
    json_integer(json, "count", (uint64_t)count);
    json_integer(json, "total", (uint64_t)(total.rows > known ? total.rows : known));
    json_boolean(json, "total_is_exact", total.is_exact);
    json_string(json, "next", *next && count == parameters->limit ? next : NULL);
    json_close(json, '}');
    json_end(json);
    answer_close(call->answer);
}

void rows_answer(struct call *call, const char *key, const struct rows *rows,
                 const struct query *query, struct total total)
{
    sqlite3_stmt *statement = reader_select(call->reader, query);
    char chars[PARAMETER_CHARS];
    struct text next = text_over(chars, sizeof(chars));
    int64_t count;

    if (call->answer->takes_csv) {
        csv_answer(call, statement, (int)rows->figures->count + rows->more);
        return;
    }
    if (answer_open_json(call->answer) < 0)
        return;
    json_open(&call->answer->json, NULL, '{');
    json_open(&call->answer->json, key, '[');
    count = write_rows(call, rows, statement, &next);
    json_close(&call->answer->json, ']');
    end_answer(call, count, total, chars);
}
