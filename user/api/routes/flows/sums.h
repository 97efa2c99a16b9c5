/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Sums of intervals for each flow, as functions in SQL that give a table:
 *
 *     SELECT flow, packets, bytes, lost, undetermined FROM flow_sums(CAPTURE, SINCE, UNTIL);
 *
 * GROUP BY would sort all these rows by their flow first, which takes three times as long as to
 * read them.
 */
#ifndef GAPWATCH_API_ROUTES_FLOWS_SUMS_H
#define GAPWATCH_API_ROUTES_FLOWS_SUMS_H

#include <sqlite3.h>

/* A row for each flow with traffic in the intervals that begin in the time. */
#define FLOW_SUMS "flow_sums"

/* A row for each flow with losses in that time; its packets and bytes are 0. Few flows lose
 * anything, and an index has the intervals in which they did. */
#define FLOW_LOSSES "flow_losses"

/* Adds both to DATABASE. Returns SQLite's result code. */
int sums_register(sqlite3 *database);

#endif
