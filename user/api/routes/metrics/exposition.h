/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The text format of Prometheus. */
#ifndef GAPWATCH_API_ROUTES_METRICS_EXPOSITION_H
#define GAPWATCH_API_ROUTES_METRICS_EXPOSITION_H

#include "api/routes/api.h"

#define EXPOSITION_PREFIX "gapwatch_"

/* Writes the lines HELP and TYPE of the metric NAME, without its prefix, to TO. TYPE is "counter"
 * or "gauge". All series of the metric must follow at once. */
void exposition_head(FILE *to, const char *name, const char *type, const char *help);

/* Writes one series of NAME to the answer of CALL for each row of QUERY: the last column is its
 * value, the others are labels with the names of the columns. A row without a value has no series.
 */
void exposition_write(struct call *call, const char *name, const struct query *query);

/* Writes the first COUNT columns of the current row of STATEMENT to TO as labels. Octets that are
 * not UTF-8 become "?". */
void exposition_labels(FILE *to, sqlite3_stmt *statement, int count);

/* Writes COLUMN, from 0, of the current row of STATEMENT to TO as a value, and ends the line. */
void exposition_value(FILE *to, sqlite3_stmt *statement, int column);

/* Writes the metrics of the flows that flow_series_find() chooses to the answer of CALL, which is
 * open. */
void write_flow_metrics(struct call *call);

#endif
