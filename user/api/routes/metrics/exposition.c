/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/metrics/exposition.h"

#include "base/utf8.h"

void exposition_head(FILE *to, const char *name, const char *type, const char *help)
{
    fprintf(to, "# HELP " EXPOSITION_PREFIX "%s %s\n# TYPE " EXPOSITION_PREFIX "%s %s\n", name,
            help, name, type);
}

/* Writes a label. Octets that are not UTF-8, and control characters, become "?". */
static void write_label(FILE *to, const char *name, const char *value)
{
    fprintf(to, "%s=\"", name);
    while (value && *value) {
        size_t length = utf8_length(value);

        if (!length || (unsigned char)*value < ' ')
            fputc('?', to);
        else
            fprintf(to, "%s%.*s", *value == '"' || *value == '\\' ? "\\" : "", (int)length, value);
        value += length ? length : 1;
    }
    fputc('"', to);
}

void exposition_labels(FILE *to, sqlite3_stmt *statement, int count)
{
    for (int i = 0; i < count; i++) {
        fputs(i ? "," : "", to);
        write_label(to, sqlite3_column_name(statement, i), reader_text(statement, i));
    }
}

void exposition_write(struct call *call, const char *name, const struct query *query)
{
    sqlite3_stmt *statement = reader_select(call->reader, query);
    int value = statement ? sqlite3_column_count(statement) - 1 : 0;
    FILE *to = call->answer->to;

    while (reader_next(call->reader, statement)) {
        if (sqlite3_column_type(statement, value) == SQLITE_NULL)
            continue;
        fprintf(to, EXPOSITION_PREFIX "%s{", name);
        exposition_labels(to, statement, value);
        fputs("} ", to);
        exposition_value(to, statement, value);
    }
}

void exposition_value(FILE *to, sqlite3_stmt *statement, int column)
{
    if (sqlite3_column_type(statement, column) == SQLITE_FLOAT)
        fprintf(to, "%.15g\n", sqlite3_column_double(statement, column));
    else
        fprintf(to, "%lld\n", sqlite3_column_int64(statement, column));
}
