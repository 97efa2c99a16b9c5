/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/list/csv.h"

#include <string.h>

#define TYPE_CSV "text/csv; charset=utf-8; header=present"

/* Spreadsheets take a field that begins with one of these for a formula. */
#define FORMULA "=+-@\t\r"

/* Writes TEXT, with quotes where RFC 4180 section 2 wants them. */
static void write_field(FILE *to, const char *text)
{
    int is_formula = *text && strchr(FORMULA, *text) != NULL;

    if (!is_formula && !strpbrk(text, "\",\r\n")) {
        fputs(text, to);
        return;
    }
    fputs(is_formula ? "\"'" : "\"", to);
    for (; *text; text++)
        fprintf(to, *text == '"' ? "\"\"" : "%c", *text);
    fputc('"', to);
}

static void write_column(FILE *to, sqlite3_stmt *statement, int column)
{
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
        break;
    case SQLITE_FLOAT:
        fprintf(to, "%.15g", sqlite3_column_double(statement, column));
        break;
    case SQLITE_INTEGER:
        fprintf(to, "%lld", sqlite3_column_int64(statement, column));
        break;
    default:
        write_field(to, reader_text(statement, column));
    }
}

void csv_answer(struct call *call, sqlite3_stmt *statement, int columns)
{
    FILE *to;

    if (!statement || answer_open(call->answer, TYPE_CSV) < 0)
        return;
    to = call->answer->to;
    for (int i = 0; i < columns; i++)
        fprintf(to, "%s%s", i ? "," : "", sqlite3_column_name(statement, i));
    fputs("\r\n", to);
    while (reader_next(call->reader, statement)) {
        for (int i = 0; i < columns; i++) {
            fputs(i ? "," : "", to);
            write_column(to, statement, i);
        }
        fputs("\r\n", to);
    }
    answer_close(call->answer);
}
