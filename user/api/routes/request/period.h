/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_API_ROUTES_REQUEST_PERIOD_H
#define GAPWATCH_API_ROUTES_REQUEST_PERIOD_H

#include "api/database/query.h"
#include "api/routes/request/parameters.h"

/* Adds conditions on the column timestamp for the parameters since (inclusive) and until
 * (exclusive). */
void query_period(struct query *query, const struct parameters *parameters);

#endif
