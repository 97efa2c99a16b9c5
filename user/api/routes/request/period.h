/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The time that an answer is about. */
#ifndef GAPWATCH_API_ROUTES_REQUEST_PERIOD_H
#define GAPWATCH_API_ROUTES_REQUEST_PERIOD_H

#include "api/database/query.h"
#include "api/routes/request/parameters.h"

/* Adds " AND ..." on the column timestamp to QUERY for since (inclusive) and until (exclusive), if
 * PARAMETERS has them; PARAMETERS must stay valid until QUERY is bound. */
void query_period(struct query *query, const struct parameters *parameters);

#endif
