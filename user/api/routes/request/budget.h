/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * How long a query may run. A worker answers one request after another, so a slow query keeps all
 * others waiting. A single query may take two seconds. When queries took much of the last seconds,
 * each further one gets less, so that several clients with the hardest questions cannot stop
 * others: theirs are refused sooner.
 */
#ifndef GAPWATCH_API_ROUTES_REQUEST_BUDGET_H
#define GAPWATCH_API_ROUTES_REQUEST_BUDGET_H

#include <stdint.h>

#include "api/routes/api.h"

/* How many nanoseconds a query may take that begins at NOW_NS, on the monotonic clock, by what
 * others took of BUDGET. IS_FIRST: it may take the whole time, whatever others took. */
uint64_t budget_length(struct budget *budget, uint64_t now_ns, int is_first);

/* Takes the time of a query, from BEGAN_NS to ENDED_NS on the monotonic clock, from BUDGET. */
void budget_spend(struct budget *budget, uint64_t began_ns, uint64_t ended_ns);

/* Why the query that budget_length() was last asked for was stopped, in words for the client;
 * static. */
const char *budget_words(const struct budget *budget);

#endif
