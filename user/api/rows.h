/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Rows of a SELECT of a table's columns as JSON. */
#ifndef GAPWATCH_API_ROWS_H
#define GAPWATCH_API_ROWS_H

#include "api/api.h"
#include "figures/table.h"

/* Writes the members of an object from the row that STATEMENT is at, whose first columns are those
 * of TABLE. */
void row_write_members(struct call *call, const struct figure_table *table,
                       sqlite3_stmt *statement);

/* Makes the answer {"count", "total", KEY: [rows of QUERY]}; QUERY selects the columns of TABLE,
 * and TOTAL is how many rows there are without limit and offset. */
void rows_answer(struct call *call, const char *key, const struct figure_table *table,
                 const struct query *query, int64_t total);

/* Adds LIMIT and OFFSET as asked for. */
void query_page(struct query *query, const struct parameters *parameters);

/*
 * Begins a page of COLUMNS of TABLE that is first found by ids: the caller adds the SELECT of all
 * ids, query_page_of_ids() the ORDER and the page. An index has the ids, so what stands before the
 * page, be it a million rows, need not be read.
 */
void query_rows_by_id(struct query *query, const char *columns, const char *table);
void query_page_of_ids(struct query *query, const char *order, const struct parameters *parameters);

#endif
