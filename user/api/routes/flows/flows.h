/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_API_ROUTES_FLOWS_FLOWS_H
#define GAPWATCH_API_ROUTES_FLOWS_FLOWS_H

#include "api/routes/api.h"

#define FLOW_COLUMNS_CHARS 2048

/* Finds the flow that the path of CALL names and selects COLUMNS of it, a list in SQL. STATEMENT,
 * which belongs to the reader, is then at its row, and the scope of CALL is its capture. Returns 0,
 * or -1 with the answer set to an error: there is no such flow, or several match. */
int call_find_flow(struct call *call, const char *columns, sqlite3_stmt **statement);

/* Answers CALL with the flows that were active between `since` and `until`, and their figures of
 * that time. IS_FALLING: the largest sort key comes first. */
void answer_flows_of_time(struct call *call, int is_falling);

#endif
