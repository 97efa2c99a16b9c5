/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes the rows of a SELECT as JSON. */
#ifndef GAPWATCH_API_ROUTES_ROWS_H
#define GAPWATCH_API_ROUTES_ROWS_H

#include "api/routes/api.h"
#include "figures/table.h"

/* Writes the current row of STATEMENT as members of an object of the answer to CALL. The first
 * columns are those of TABLE. */
void row_write_members(struct call *call, const struct figure_table *table,
                       sqlite3_stmt *statement);

/* Answers {"count", "total", KEY: [rows]}. QUERY selects the columns of TABLE; TOTAL is the number
 * of rows without limit and offset. */
void rows_answer(struct call *call, const char *key, const struct figure_table *table,
                 const struct query *query, int64_t total);

/* Adds LIMIT and OFFSET with the values of PARAMETERS. */
void query_page(struct query *query, const struct parameters *parameters);

/*
 * Begins a query for one page of COLUMNS of TABLE. The caller then adds a SELECT of all ids, and
 * calls query_page_of_ids() to add ORDER BY and the limits of the page. Ids come from an index, so
 * rows before the page are never read, even if there are a million.
 */
void query_rows_by_id(struct query *query, const char *columns, const char *table);

/* Ends what query_rows_by_id() began. ORDER is a list of columns for ORDER BY. */
void query_page_of_ids(struct query *query, const char *order, const struct parameters *parameters);

#endif
