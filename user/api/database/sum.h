/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The SQL function sum() without its error "integer overflow": the values of a database that
 * another program wrote may be anything, and one of them must not make the other rows unreadable.
 */
#ifndef GAPWATCH_API_DATABASE_SUM_H
#define GAPWATCH_API_DATABASE_SUM_H

#include <sqlite3.h>

/* Replaces sum() for the statements of DATABASE. It returns NULL for no values, an integer for
 * integers, and a floating-point number for others and where the sum does not fit in 64 bits.
 * Returns SQLite's result code. */
int sum_register(sqlite3 *database);

#endif
