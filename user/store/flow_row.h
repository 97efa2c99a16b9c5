/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A row of the table flows: the figures of a flow, on their way into the database and back. */
#ifndef GAPWATCH_STORE_FLOW_ROW_H
#define GAPWATCH_STORE_FLOW_ROW_H

#include <sqlite3.h>
#include <stdint.h>

#include "track/changes.h"

/* The columns with figures, for any statement, and its first parameters for them. */
#define FLOW_ROW_COLUMNS                                                                           \
    "packets_received, total_bytes, gaps_detected, total_lost_packets, loss_ratio, "               \
    "unobserved_packets, duplicate_packets, reordered_packets, late_packets, outlier_packets, "    \
    "max_reorder_distance, wraparounds, restarts, rekeys, first_sequence, last_sequence, "         \
    "min_gap, max_gap, first_timestamp, last_timestamp, duration_seconds, bandwidth_mbps, "        \
    "min_inter_arrival_ms, max_inter_arrival_ms, avg_inter_arrival_ms, stddev_inter_arrival_ms, "  \
    "lost_network, lost_undetermined, skipped_numbers, silent_since, mixed_senders, "              \
    "partial_view, loss_run_ratio, earlier_sas"
#define FLOW_ROW_VALUES                                                                            \
    "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, "  \
    "?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34"
#define FLOW_ROW_COUNT 34

/* The figures of a row; a flow's handles, key and own figures mean nothing here. */
struct flow_row {
    struct flow flow;
    struct sequence_figures figures;
    uint32_t last_sequence;
    int has_sequence;
    uint64_t silent_ns;   /* since when it is silent; 0: it is not */
    uint32_t earlier_sas; /* that it had before it was forgotten and came back */
};

struct flow_row flow_row_of(const struct flow_change *change);

/* ROW is what came of a flow since it was forgotten; EARLIER is what was known then. Afterwards ROW
 * is what would have come of it without that, but for gaps: numbers missed meanwhile are unknown.
 */
void flow_row_continue(struct flow_row *row, const struct flow_row *earlier);

/* Binds ROW to the parameters of FLOW_ROW_VALUES. */
void flow_row_bind(sqlite3_stmt *statement, const struct flow_row *row);

/* Reads ROW from a statement at a row of FLOW_ROW_COLUMNS. */
void flow_row_read(sqlite3_stmt *statement, struct flow_row *row);

#endif
