/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "ship/tables.h"

#define COLUMN(name, type, unit, null, ...) {#name, FIGURE_##type, NULL_##null != NULL_AT_0},
#define ID_COLUMN(name)                     {#name, FIGURE_ID, 0},
#define CHANGED                                                                                    \
    {"changed", FIGURE_COUNT, 0},                                                                  \
    {                                                                                              \
        "capture_id", FIGURE_ID, 0                                                                 \
    }

enum {
#define ROW(null, said) NULL_##null,
    FIGURE_NULLS(ROW)
#undef ROW
};

#define NAME(name, ...) ", t." #name " AS " #name

static const struct ship_column capture_columns[] = {{"changed", FIGURE_COUNT, 0}, ID_COLUMN(id)
#define FIGURE COLUMN
#include "figures/capture.def"
};

static const char capture_select[] =
    "SELECT t.id, t.changed AS changed, t.id AS id"
#define FIGURE NAME
#include "figures/capture.def"
    " FROM captures AS t WHERE t.changed > ?1 AND t.id > ?3 ORDER BY t.id LIMIT ?2";

static const struct ship_column flow_columns[] = {
    CHANGED,
#define FIGURE COLUMN
#include "figures/flow.def"
};

static const char flow_select[] =
    "SELECT t.id, t.changed AS changed, t.capture_id AS capture_id"

#define FIGURE NAME
#include "figures/flow.def"
    " FROM flows AS t WHERE t.changed > ?1 AND t.id > ?3 ORDER BY t.id LIMIT ?2";

static const struct ship_column sa_columns[] = {CHANGED, ID_COLUMN(id)
#define FIGURE COLUMN
#include "figures/sa.def"
};

static const char sa_select[] =
    "SELECT t.id, t.changed AS changed, t.capture_id AS capture_id"
    ", t.id AS id"
#define FIGURE NAME
#include "figures/sa.def"
    " FROM sas AS t WHERE t.changed > ?1 AND t.id > ?3 ORDER BY t.id LIMIT ?2";

static const struct ship_column gap_columns[] = {CHANGED, ID_COLUMN(id)
#define FIGURE COLUMN
#include "figures/gap.def"
};

static const char gap_select[] =
    "SELECT t.changed, t.id, t.changed AS changed, t.capture_id AS capture_id, t.id AS id"
#define FIGURE NAME
#include "figures/gap.def"
    " FROM sequence_gaps AS t WHERE +t.changed > ?1 AND (t.changed, t.id) > (max(?1, ?3), ?4) "
    "ORDER BY t.changed, t.id LIMIT ?2";

static const struct ship_column event_columns[] = {CHANGED, ID_COLUMN(id)
#define FIGURE COLUMN
#include "figures/event.def"
};

static const char event_select[] =
    "SELECT t.changed, t.id, t.changed AS changed, t.capture_id AS capture_id, t.id AS id"
#define FIGURE NAME
#include "figures/event.def"
    " FROM events AS t WHERE +t.changed > ?1 AND (t.changed, t.id) > (max(?1, ?3), ?4) "
    "ORDER BY t.changed, t.id LIMIT ?2";

static const struct ship_column interval_columns[] = {
    CHANGED,
#define FIGURE COLUMN
#include "figures/interval.def"
};

static const char interval_select[] =
    "SELECT t.id, t.changed AS changed, t.capture_id AS capture_id"
#define FIGURE NAME
#include "figures/interval.def"
    " FROM capture_intervals AS t WHERE t.changed > ?1 AND t.id > ?3 "
    "ORDER BY t.id LIMIT ?2";

static const struct ship_column part_columns[] = {
    CHANGED,
    {"flow_id", FIGURE_TEXT, 0},
#define FIGURE COLUMN
#include "figures/interval.def"
};

/* An interval has changed whenever a part of it has. The parts of a flow that is gone are left
 * out. */
static const char part_select[] =
    "SELECT t.interval, t.flow, t.changed AS changed, i.capture_id AS capture_id, "
    "f.flow_id AS flow_id"
#define FIGURE         NAME
#define KEY(name, ...) ", i." #name " AS " #name
#include "figures/interval.def"
    " FROM capture_intervals AS i CROSS JOIN interval_flows AS t ON t.interval = i.id "
    "CROSS JOIN flows AS f ON f.id = t.flow WHERE i.changed > ?1 AND i.id >= ?3 "
    "AND t.changed > ?1 AND t.flow > iif(i.id = ?3, ?4, -1) "
    "ORDER BY i.id, t.flow LIMIT ?2";

static const struct ship_column sample_columns[] = {
    CHANGED,
    {"flow_id", FIGURE_TEXT, 0},
    {"association", FIGURE_COUNT, 0},
    {"generation", FIGURE_COUNT, 0},
    {"number", FIGURE_COUNT, 0},
    {"timestamp_ns", FIGURE_COUNT, 0},
};

static const char sample_select[] =
    "SELECT t.changed, t.sa, t.timestamp_ns, t.number, t.changed AS changed, "
    "s.capture_id AS capture_id, f.flow_id AS flow_id, s.association AS association, "
    "s.generation AS generation, t.number AS number, t.timestamp_ns AS timestamp_ns "
    "FROM samples AS t CROSS JOIN sas AS s ON s.id = t.sa CROSS JOIN flows AS f ON f.id = s.flow "
    "WHERE +t.changed > ?1 AND (t.changed, t.sa, t.timestamp_ns, t.number) > (max(?1, ?3), ?4, ?5, "
    "?6) AND is_shipped(t.number) "
    "ORDER BY t.changed, t.sa, t.timestamp_ns, t.number LIMIT ?2";

#define COLUMNS(name) name##_columns, sizeof(name##_columns) / sizeof(name##_columns[0])

const struct ship_table ship_tables[] = {
    {"captures", COLUMNS(capture), "id", "updated", capture_select, 1},
    {"flows", COLUMNS(flow), "capture_id, flow_id", "last_timestamp", flow_select, 1},
    {"sas", COLUMNS(sa), "capture_id, flow_id, generation", "last_timestamp", sa_select, 1},
    {"sequence_gaps", COLUMNS(gap), "capture_id, flow_id, timestamp, id", "timestamp", gap_select,
     2},
    {"capture_intervals", COLUMNS(interval), "capture_id, timestamp", "timestamp", interval_select,
     1},
    {"interval_flows", COLUMNS(part), "capture_id, flow_id, timestamp", "timestamp", part_select,
     2},
    {"samples", COLUMNS(sample), "capture_id, flow_id, generation, timestamp_ns, number",
     "timestamp_ns", sample_select, 4},
    {"events", COLUMNS(event), "capture_id, timestamp, id", "timestamp", event_select, 2},
};

const size_t ship_table_count = sizeof(ship_tables) / sizeof(ship_tables[0]);
