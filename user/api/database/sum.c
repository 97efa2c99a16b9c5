/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/database/sum.h"

#include <stddef.h>

struct sum {
    int has_values;
    int is_real; /* a value was no integer, or the integers exceed 64 bits */
    sqlite3_int64 integer;
    double real; /* added to INTEGER */
};

static void add_integer(struct sum *sum, sqlite3_int64 value)
{
    sqlite3_int64 whole;

    if (!__builtin_add_overflow(sum->integer, value, &whole)) {
        sum->integer = whole;
        return;
    }
    sum->is_real = 1;
    sum->real += (double)sum->integer;
    sum->integer = value;
}

static void step(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct sum *sum = sqlite3_aggregate_context(context, sizeof(*sum));
    int type = sqlite3_value_numeric_type(values[0]);

    (void)count;
    if (!sum || type == SQLITE_NULL)
        return;
    sum->has_values = 1;
    if (type == SQLITE_INTEGER) {
        add_integer(sum, sqlite3_value_int64(values[0]));
        return;
    }
    sum->is_real = 1;
    sum->real += sqlite3_value_double(values[0]);
}

static void finish(sqlite3_context *context)
{
    const struct sum *sum = sqlite3_aggregate_context(context, 0);

    if (!sum || !sum->has_values)
        return;
    if (sum->is_real)
        sqlite3_result_double(context, sum->real + (double)sum->integer);
    else
        sqlite3_result_int64(context, sum->integer);
}

int sum_register(sqlite3 *database)
{
    return sqlite3_create_function(database, "sum", 1,
                                   SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
                                   NULL, step, finish);
}
