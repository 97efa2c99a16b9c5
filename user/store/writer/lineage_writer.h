/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes from which SA each SA took over. A later SA may decide this for an earlier one, so rows of
 * flows that did not change are updated, too. */
#ifndef GAPWATCH_STORE_WRITER_LINEAGE_WRITER_H
#define GAPWATCH_STORE_WRITER_LINEAGE_WRITER_H

#include <sqlite3.h>

#include "base/error.h"
#include "lineage/names.h"
#include "store/writer/event_writer.h"
#include "store/writer/flow_memory.h"
#include "track/sequence/changes.h"

struct lineage_writer {
    int64_t capture;
    int64_t earlier; /* the capture before it of the same interface, or of another file; 0: none */
    struct event_writer *events; /* not owned */
    sqlite3_stmt *update_flow;
    sqlite3_stmt *update_sas;
    sqlite3_stmt *not_silent;
    sqlite3_stmt *find_origin;
    struct lineage lineage;
    size_t ties; /* those of committed batches */
};

/* Prepares WRITER, which writes its events with EVENTS. Returns 0, or -1 with ERROR set; release it
 * in either case. */
int lineage_writer_init(struct lineage_writer *writer, sqlite3 *database, int64_t capture,
                        struct event_writer *events, struct error *error);
/* Frees everything that WRITER holds. */
void lineage_writer_release(struct lineage_writer *writer);

/* Adds the flows and ties of CHANGES, of which MEMORY knows the flows of earlier batches, and
 * decides. Called before rows are written. Returns 0, or -1 with ERROR set. */
int lineage_writer_add(struct lineage_writer *writer, const struct changes *changes,
                       struct flow_memory *memory, struct error *error);

/* Updates the rows of flows whose bonds changed since they were written, in the open transaction,
 * and writes the events of rollovers. IS_END: no more frames will come. Returns 0, or -1 with ERROR
 * set. */
int lineage_writer_write(struct lineage_writer *writer, int is_end, struct error *error);

/* Called when the transaction is over: notes that the rows were written, or, unless IS_COMMITTED,
 * that they were not. */
void lineage_writer_settle(struct lineage_writer *writer, int is_committed);

/* Called when the capture ends at END_NS: writes the last events. Flows beside which others still
 * send are not silent.
 * Returns 0, or -1 with ERROR set. */
int lineage_writer_end(struct lineage_writer *writer, uint64_t end_ns, struct error *error);

#endif
