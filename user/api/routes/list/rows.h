/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes the rows of a SELECT as JSON. */
#ifndef GAPWATCH_API_ROUTES_LIST_ROWS_H
#define GAPWATCH_API_ROUTES_LIST_ROWS_H

#include "api/routes/list/list.h"

/* Columns of a SELECT that tell which capture a row of a table with `capture_id` belongs to, and
 * how many these are. */
#define CAPTURE_LABELS                                                                             \
    ", capture_id, (SELECT source FROM captures WHERE id = capture_id) AS interface"
#define CAPTURE_LABEL_COUNT 2

/* Writes the current row of STATEMENT as members of the open object in the answer to CALL. Its
 * first columns are those of TABLE; MORE others follow, which are shown under their own names. */
void row_write_members(struct call *call, const struct figure_table *table, int more,
                       sqlite3_stmt *statement);

/* The columns of a SELECT: first those of FIGURES, then MORE that are shown under their own names,
 * then KEYS that make the cursor, the last of them the row's id. */
struct rows {
    const struct figure_table *figures;
    int more;
    int keys;      /* 0: there are no cursors */
    uint32_t mark; /* of the cursors */
};

/* Answers CALL with {KEY: [rows], "count", "total", "total_is_exact", "next"}, or with CSV if the
 * client prefers it. QUERY selects a page of the columns in ROWS; TOTAL is the number of rows
 * without the limits of the page. */
void rows_answer(struct call *call, const char *key, const struct rows *rows,
                 const struct query *query, struct total total);

/* Adds " LIMIT ? OFFSET ?" to QUERY, with the values in PARAMETERS. */
void query_page(struct query *query, const struct parameters *parameters);

#endif
