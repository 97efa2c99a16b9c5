/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The text format of Prometheus. */
#ifndef GAPWATCH_API_ROUTES_METRICS_EXPOSITION_H
#define GAPWATCH_API_ROUTES_METRICS_EXPOSITION_H

#include "api/routes/api.h"

#define EXPOSITION_PREFIX "gapwatch_"

/* Begins the metric NAME. All its series must follow at once. */
void exposition_head(FILE *to, const char *name, const char *type, const char *help);

/* Writes one series of NAME for each row of QUERY: the last column is its value, the others are
 * labels with the names of the columns. A row without a value has no series. */
void exposition_write(struct call *call, const char *name, const struct query *query);

/* Writes the first COUNT columns of the row of STATEMENT as labels. */
void exposition_labels(FILE *to, sqlite3_stmt *statement, int count);

/* Writes a column of the row of STATEMENT as a value, with the end of the line. */
void exposition_value(FILE *to, sqlite3_stmt *statement, int column);

/* Writes the metrics of flows. */
void write_flow_metrics(struct call *call);

#endif
