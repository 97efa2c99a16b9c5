/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_API_ROUTES_LIST_CSV_H
#define GAPWATCH_API_ROUTES_LIST_CSV_H

#include "api/routes/api.h"

/* Answers CALL with the rows of STATEMENT as CSV (RFC 4180): a line with the names of its first
 * COLUMNS columns, then one line for each row. NULL becomes an empty field. Does nothing if
 * STATEMENT is NULL: the reader has the error. */
void csv_answer(struct call *call, sqlite3_stmt *statement, int columns);

#endif
