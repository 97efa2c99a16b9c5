/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Rows of a SELECT as JSON: the names of its columns are the keys. */
#ifndef GAPWATCH_API_ROWS_H
#define GAPWATCH_API_ROWS_H

#include "api/api.h"

/* Writes the members of an object from the row that STATEMENT is at. */
void row_write_members(struct json_writer *json, sqlite3_stmt *statement);

/* Makes the answer {"count", "total", KEY: [rows of QUERY]}; TOTAL is how many there are without
 * limit and offset. */
void rows_answer(struct call *call, const char *key, const struct query *query, int64_t total);

/* Adds LIMIT and OFFSET as asked for. */
void query_page(struct query *query, const struct parameters *parameters);

#endif
