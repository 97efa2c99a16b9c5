/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_API_PERIOD_H
#define GAPWATCH_API_PERIOD_H

#include "api/query.h"
#include "api/routes/parameters.h"

/* Adds what since (inclusive) and until (exclusive) ask of the column timestamp. */
void query_period(struct query *query, const struct parameters *parameters);

#endif
