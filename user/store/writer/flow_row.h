/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Converts rows of the table flows to and from database statements. */
#ifndef GAPWATCH_STORE_WRITER_FLOW_ROW_H
#define GAPWATCH_STORE_WRITER_FLOW_ROW_H

#include <sqlite3.h>

#include "figures/rows.h"
#include "track/sequence/changes.h"

/* SQL statements for a row. flow_row_bind() binds their first parameters. */
extern const char flow_row_insert[]; /* then its keys and the capture's row */
extern const char flow_row_update[]; /* then the row */
extern const char flow_row_select[]; /* takes the capture's row and the flow's id */

/* The row for CHANGE. */
struct flow_row flow_row_of(const struct flow_change *change);

/*
 * Adds EARLIER, the figures from before the flow was forgotten, to ROW, the figures since then. The
 * sums are those of a flow that was never forgotten, except for gaps: numbers missing in between
 * are unknown.
 */
void flow_row_continue(struct flow_row *row, const struct flow_row *earlier);

/* Binds the figures of ROW to the first parameters of STATEMENT. Returns the index of the
 * next one. */
int flow_row_bind(sqlite3_stmt *statement, const struct flow_row *row);

/* Binds the keys of ROW from index PLACE on. Returns the index of the next parameter. */
int flow_row_bind_keys(sqlite3_stmt *statement, int place, const struct flow_row *row);

/* Reads ROW from STATEMENT, which is flow_row_select. Returns the row's number. */
int64_t flow_row_read(sqlite3_stmt *statement, struct flow_row *row);

#endif
