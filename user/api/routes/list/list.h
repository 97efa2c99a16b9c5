/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Lists: one page of the rows of a table, in the order of an index, from one or several captures.
 *
 * An index is sorted within one capture. So there is one SELECT for each capture, and SQLite merges
 * their rows. A page begins at an offset, or after the row that a cursor names by its sort keys, so
 * that pages do not shift while the sensor writes.
 */
#ifndef GAPWATCH_API_ROUTES_LIST_LIST_H
#define GAPWATCH_API_ROUTES_LIST_LIST_H

#include "api/routes/api.h"
#include "api/routes/list/cursor.h"
#include "figures/table.h"

#define LIST_KEYS 2 /* of the order, besides the id */

/* Rows are counted up to this number. */
#define COUNT_MAX 10000

struct list {
    const char *key; /* of the answer, and of its array */
    const struct figure_table *figures;
    const char *table;
    const char *keys[LIST_KEYS]; /* columns to sort by; rows with equal keys are sorted by id */
    int key_count;
    int may_be_null; /* the first key of some rows is NULL */
    int is_falling;
    int has_captures; /* its rows belong to captures */
    /* Adds " FROM ... WHERE ..." for the rows of LIST to QUERY. CAPTURES is a condition for
     * capture_id (scope_condition()), or "" when the rows belong to no capture. */
    void (*add_source)(struct query *query, const struct call *call, const struct list *list,
                       const char *captures);
    const char *index;   /* for ADD_SOURCE */
    const char *flow_id; /* for ADD_SOURCE, in lists of one flow */
    int64_t flow;        /* the same: its row id */
};

/* The order of LIST, for cursors. Its texts are those of LIST. */
struct cursor_order list_order(const struct list *list);

/* How many rows a list has. */
struct total {
    int64_t rows;
    int is_exact; /* else there are more */
};

/* Adds " ORDER BY ..." to QUERY, a SELECT of the table of LIST. */
void list_add_order(struct query *query, const struct list *list);

/* Adds " AND ..." to QUERY: the row of LIST comes after CURSOR, whose keys must stay valid until
 * QUERY is bound. No row matches if the first key is NULL. */
void list_add_after(struct query *query, const struct list *list, const struct cursor *cursor);

/* Counts the rows of QUERY, up to COUNT_MAX, in the database of CALL. QUERY begins with "SELECT
 * count(*) FROM (", which is closed here. */
struct total count_rows(struct call *call, struct query *query);

/* Counts the rows of LIST in the scope of CALL, up to COUNT_MAX. */
struct total list_count(struct call *call, const struct list *list);

/* Answers CALL with the page of LIST that its parameters choose, or with an error: `after` is not a
 * cursor of this list. TOTAL is the number of rows of LIST. */
void list_answer(struct call *call, const struct list *list, struct total total);

#endif
