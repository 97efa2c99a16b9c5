/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "ship/schema.h"

#include <string.h>

#include "ship/tables.h"
#include "ship/views.h"

#define SHIP_SCHEMA_VERSION 1
#define EXPIRY_DAYS         90

/* The types of ClickHouse; PLAIN are those of old servers. Times are texts there, which sort. */
struct type {
    const char *modern;
    const char *plain;
};

static struct type type_of(enum figure_type type)
{
    switch (type) {
    case FIGURE_COUNT:
    case FIGURE_SIZE:
    case FIGURE_NUMBER:
        return (struct type){"UInt64", "UInt64"};
    case FIGURE_ID:
        return (struct type){"Int64", "Int64"};
    case FIGURE_FLAG:
        return (struct type){"UInt8", "UInt8"};
    case FIGURE_RATIO:
    case FIGURE_REAL:
    case FIGURE_SECONDS:
    case FIGURE_MS:
        return (struct type){"Float64", "Float64"};
    case FIGURE_TIME:
        return (struct type){"DateTime64(9, 'UTC')", "String"};
    case FIGURE_TEXT:
    case FIGURE_JSON:
        return (struct type){"String", "String"};
    default: /* a word of a few */
        return (struct type){"LowCardinality(@)", "String"};
    }
}

/* Whether NAME is one of the words of LIST, which are separated by ", ". */
static int is_in(const char *list, const char *name)
{
    size_t length = strlen(name);

    for (const char *next = list; next; next = strchr(next, ' '), next += next != NULL)
        if (strncmp(next, name, length) == 0 && (next[length] == ',' || !next[length]))
            return 1;
    return 0;
}

static void print_type(const struct ship_table *table, const struct ship_column *column,
                       int is_plain, FILE *to)
{
    struct type types = type_of(column->type);
    const char *type = is_plain ? types.plain : types.modern;
    int may_be_null = column->may_be_null && !is_in(table->key, column->name) &&
                      strcmp(column->name, table->time) != 0;

    if (strcmp(type, "LowCardinality(@)") == 0)
        fprintf(to, "LowCardinality(%s)", may_be_null ? "Nullable(String)" : "String");
    else
        fprintf(to, may_be_null ? "Nullable(%s)" : "%s", type);
    if (!is_plain && column->type == FIGURE_TIME)
        fputs(" CODEC(DoubleDelta, LZ4)", to);
}

/* Whether the time of TABLE is a number of nanoseconds since 1970, not an RFC 3339 text. */
static int has_time_in_ns(const struct ship_table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, table->time) == 0)
            return table->columns[i].type == FIGURE_COUNT;
    return 0;
}

/* The time of a row in seconds, by which it is found, grouped and removed. */
static void print_time(const struct ship_table *table, int is_plain, FILE *to)
{
    if (has_time_in_ns(table))
        fprintf(to, ",\n    time DateTime%s MATERIALIZED toDateTime(intDiv(%s, 1000000000), 'UTC')",
                is_plain ? "" : "('UTC')", table->time);
    else if (is_plain)
        fprintf(to,
                ",\n    time DateTime MATERIALIZED toDateTime(concat(substring(%s, 1, 10), ' ', "
                "substring(%s, 12, 8)), 'UTC')",
                table->time, table->time);
    else
        fprintf(to, ",\n    time DateTime('UTC') MATERIALIZED toDateTime(%s, 'UTC')", table->time);
}

static void print_table(const struct ship_table *table, int is_plain, FILE *to)
{
    fprintf(to, "CREATE TABLE IF NOT EXISTS %s (\n    sensor %s,\n    store String", table->name,
            is_plain ? "String" : "LowCardinality(String)");
    for (size_t i = 0; i < table->column_count; i++) {
        fprintf(to, ",\n    %s ", table->columns[i].name);
        print_type(table, &table->columns[i], is_plain, to);
    }
    print_time(table, is_plain, to);
    fprintf(to, "\n) ENGINE = ReplacingMergeTree(changed) ORDER BY (sensor, store, %s)",
            table->key);
    if (is_in(table->key, table->time))
        fprintf(to, " PARTITION BY toYYYYMM(time)");
    if (!is_plain)
        fprintf(to,
                "\nTTL time + INTERVAL %d DAY SETTINGS non_replicated_deduplication_window = "
                "1000",
                EXPIRY_DAYS);
    fputs(";\n\n", to);
}

/* Columns that an earlier version of the schema did not have. */
static void print_additions(const struct ship_table *table, FILE *to)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (is_in(table->key, table->columns[i].name))
            continue;
        fprintf(to, "ALTER TABLE %s ADD COLUMN IF NOT EXISTS %s ", table->name,
                table->columns[i].name);
        print_type(table, &table->columns[i], 0, to);
        fputs(";\n", to);
    }
    fputs("\n", to);
}

void schema_print(int is_plain, FILE *to)
{
    fprintf(to, "-- gapwatch " GAPWATCH_VERSION ": schema %d for ClickHouse%s.\n",
            SHIP_SCHEMA_VERSION, is_plain ? " of old versions" : "");
    fputs("-- It can be run again: tables stay, what they lack is added, views are made anew.\n"
          "-- Rows may be there twice until the server merges them, so select with FINAL.\n\n",
          to);
    for (size_t i = 0; i < ship_table_count; i++) {
        print_table(&ship_tables[i], is_plain, to);
        if (!is_plain)
            print_additions(&ship_tables[i], to);
    }
    for (size_t i = 0; i < view_count; i++)
        fprintf(to, "DROP TABLE IF EXISTS %s;\n-- %s\nCREATE VIEW %s AS\n%s;\n\n", views[i].name,
                views[i].meaning, views[i].name, views[i].select);
}
