/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include <stdio.h>

#include "generate/output.h"

/* The SQL type of a column, and the check of its value "%s". */
static const struct column {
    const char *type;
    const char *initial;
    const char *check;
} columns[] = {
    [FIGURE_COUNT] = {"INTEGER", "0", "%s >= 0"},
    [FIGURE_SIZE] = {"INTEGER", "0", "%s > 0"},
    [FIGURE_NUMBER] = {"INTEGER", "0", NULL},
    [FIGURE_ID] = {"INTEGER", "0", NULL},
    [FIGURE_FLAG] = {"INTEGER", "0", "%s IN (0, 1)"},
    [FIGURE_RATIO] = {"REAL", "0", "%s BETWEEN 0 AND 1"},
    [FIGURE_REAL] = {"REAL", "0", NULL},
    [FIGURE_DIFFERENCE] = {"REAL", "0", NULL},
    [FIGURE_SECONDS] = {"REAL", "0", NULL},
    [FIGURE_MS] = {"REAL", "0", NULL},
    [FIGURE_TIME] = {"TEXT", "''", NULL},
    [FIGURE_TEXT] = {"TEXT", "''", NULL},
    [FIGURE_PROTOCOL] = {"TEXT", "''", NULL},
    [FIGURE_CAUSE] = {"TEXT", "''", "%s IN ('network', 'undetermined')"},
    [FIGURE_VIEW] = {"TEXT", "''", "%s = 'possible'"},
    [FIGURE_CERTAINTY] = {"TEXT", "''", "%s IN ('certain', 'probable')"},
    [FIGURE_DIRECTION] = {"TEXT", "''", "%s IN ('a_to_b', 'b_to_a')"},
    [FIGURE_KIND] = {"TEXT", "''", NULL},
    [FIGURE_JSON] = {"TEXT", "'{}'", NULL},
};

/* Writes one column. IS_ADDED: rows of an older version may have no value. */
static void write_column(const struct line *line, int is_added)
{
    const struct column *column = &columns[line->type];

    printf("%s %s", line->name, column->type);
    if (line->null == NULL_AT_0)
        printf(" NOT NULL DEFAULT %s", column->initial);
    else if (line->null == NULL_NEVER && !is_added)
        printf(" NOT NULL");
    if (column->check) {
        printf(" CHECK (");
        printf(column->check, line->name);
        printf(")");
    }
}

static int is_column(const struct line *line, int is_part)
{
    return line->mark != MARK_SINCE && line->mark != MARK_ROWID &&
           !(is_part && line->mark == MARK_KEY);
}

void sql_columns(const struct table *table, int is_part, int has_more)
{
    int is_added = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct line *line = &table->lines[i];

        is_added = is_added || line->mark == MARK_SINCE;
        if (!is_column(line, is_part))
            continue;
        printf("    ");
        write_column(line, is_added);
        printf("%s -- %s\n", has_more || i + 1 < table->count ? "," : "", line->meaning);
    }
}

void sql_names(const struct table *table, const char *sql_table)
{
    const char *before = "    ";

    for (size_t i = 0; i < table->count; i++)
        if (is_column(&table->lines[i], 1)) {
            printf("%s%s.%s", before, sql_table, table->lines[i].name);
            before = ", ";
        }
    printf("\n");
}

void sql_added(const struct table *table, const char *sql_table, int version)
{
    int since = 1;

    for (size_t i = 0; i < table->count; i++) {
        const struct line *line = &table->lines[i];

        if (line->mark == MARK_SINCE) {
            since = line->since;
        } else if (since == version) {
            printf("ALTER TABLE %s ADD COLUMN ", sql_table);
            write_column(line, 1);
            printf(";\n");
        }
    }
}
