/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/database/sum.h"

#include <math.h>
#include <stddef.h>

struct sum {
    int has_values;
    int is_real; /* a value was no integer, or the integers exceed 64 bits */
    sqlite3_int64 integer;
    double real;
    double rounded; /* what REAL lacks because of rounding (the sum of Kahan and Neumaier) */
};

static void add_real(struct sum *sum, double value)
{
    double whole = sum->real + value;

    if (fabs(sum->real) >= fabs(value))
        sum->rounded += sum->real - whole + value;
    else
        sum->rounded += value - whole + sum->real;
    sum->real = whole;
}

static void step(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct sum *sum = sqlite3_aggregate_context(context, sizeof(*sum));
    int type = sqlite3_value_numeric_type(values[0]);
    sqlite3_int64 integer = sqlite3_value_int64(values[0]);

    (void)count;
    if (!sum || type == SQLITE_NULL)
        return;
    sum->has_values = 1;
    add_real(sum, sqlite3_value_double(values[0]));
    if (type == SQLITE_INTEGER)
        sum->is_real |= __builtin_add_overflow(sum->integer, integer, &sum->integer);
    else
        sum->is_real = 1;
}

static void finish(sqlite3_context *context)
{
    const struct sum *sum = sqlite3_aggregate_context(context, 0);

    if (!sum || !sum->has_values)
        return;
    if (sum->is_real)
        sqlite3_result_double(context, isfinite(sum->real) ? sum->real + sum->rounded : sum->real);
    else
        sqlite3_result_int64(context, sum->integer);
}

int sum_register(sqlite3 *database)
{
    return sqlite3_create_function(database, "sum", 1,
                                   SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
                                   NULL, step, finish);
}
