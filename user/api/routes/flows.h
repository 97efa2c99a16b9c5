/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_API_ROUTES_FLOWS_H
#define GAPWATCH_API_ROUTES_FLOWS_H

#include "api/routes/api.h"

/* Finds the flow that the path names, in the capture that answers, and selects COLUMNS of it;
 * STATEMENT is then at its row. Returns 0, or -1 with the answer set: there is none, or there are
 * several that may be meant. */
int call_find_flow(struct call *call, const char *columns, sqlite3_stmt **statement);

#endif
