/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_API_ROUTES_FLOWS_H
#define GAPWATCH_API_ROUTES_FLOWS_H

#include "api/routes/api.h"

/* Finds the flow named in the path and selects COLUMNS of it; STATEMENT is then at its row. Returns
 * 0, or -1 with the answer set to an error: there is no such flow, or several match. */
int call_find_flow(struct call *call, const char *columns, sqlite3_stmt **statement);

#endif
