/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A row of the table flows, on its way into the database and back. */
#ifndef GAPWATCH_STORE_FLOW_ROW_H
#define GAPWATCH_STORE_FLOW_ROW_H

#include <sqlite3.h>

#include "figures/rows.h"
#include "track/changes.h"

/* The statements of a row: what they have as first parameters is bound by flow_row_bind(). */
extern const char flow_row_insert[]; /* then its keys, and the capture's row: see below */
extern const char flow_row_update[]; /* then the row */
extern const char flow_row_select[]; /* takes the capture's row and the flow's id */

struct flow_row flow_row_of(const struct flow_change *change);

/* ROW is what came of a flow since it was forgotten; EARLIER is what was known then. Afterwards ROW
 * is what would have come of it without that, but for gaps: numbers missed meanwhile are unknown.
 */
void flow_row_continue(struct flow_row *row, const struct flow_row *earlier);

/* Binds the figures of ROW to the first parameters of STATEMENT. Returns the place of the next. */
int flow_row_bind(sqlite3_stmt *statement, const struct flow_row *row);

/* Binds the keys of ROW from PLACE on. Returns the place of the next. */
int flow_row_bind_keys(sqlite3_stmt *statement, int place, const struct flow_row *row);

/* Reads ROW from STATEMENT, made of flow_row_select. Returns the number of the flow's row. */
int64_t flow_row_read(sqlite3_stmt *statement, struct flow_row *row);

#endif
