/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_API_ROUTES_LIST_CSV_H
#define GAPWATCH_API_ROUTES_LIST_CSV_H

#include "api/routes/api.h"

/* Answers with the rows of STATEMENT as CSV (RFC 4180): a line of names, then one line a row, of
 * its first COLUMNS columns. NULL becomes an empty field. */
void csv_answer(struct call *call, sqlite3_stmt *statement, int columns);

#endif
