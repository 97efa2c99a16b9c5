/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/retention/removal.h"

#include "base/units.h"
#include "store/database/database.h"

/* Rows that one statement removes, which takes a few milliseconds. */
#define ROWS         "2000"
#define ROWS_REMOVED 2000

enum removal_query {
    OLD_INTERVAL,
    SHORT_INTERVAL,
    INTERVALS_IN,
    UNCOPIED_IN,
    REMOVE_INTERVAL_FLOWS,
    REMOVE_INTERVAL,
    MOVE_FLOWS,
    ADD_INTERVAL_TO,
    STRETCH_INTERVAL,
    REMOVE_GAPS,
    REMOVE_SAS,
    REMOVE_EVENTS,
    REMOVE_FLOWS,
    SUBTRACT_FLOW,
    SUBTRACT_FLOWS,
    NEXT_CHANGE,
    CHANGE_CAPTURE,
    REMOVE_CAPTURE,
    QUERY_COUNT,
};

_Static_assert(QUERY_COUNT <= REMOVAL_QUERIES, "room for all of them");

static const char *const sql[QUERY_COUNT] = {
    [OLD_INTERVAL] = "SELECT id FROM capture_intervals WHERE capture_id = ?1 AND timestamp < ?2 "
                     "AND ifnull(changed, ?3) <= ?3 "
                     "ORDER BY timestamp LIMIT 1",
    [SHORT_INTERVAL] = "SELECT timestamp FROM capture_intervals WHERE capture_id = ?1 "
                       "AND timestamp < ?2 AND duration_seconds < ?3 ORDER BY timestamp LIMIT 1",
    [INTERVALS_IN] = "SELECT id FROM capture_intervals WHERE capture_id = ?1 "
                     "AND timestamp >= ?2 AND timestamp < ?3 ORDER BY timestamp LIMIT 2",
    [UNCOPIED_IN] = "SELECT id FROM capture_intervals WHERE capture_id = ?1 "
                    "AND timestamp >= ?2 AND timestamp < ?3 AND changed > ?4 LIMIT 1",
    [REMOVE_INTERVAL_FLOWS] =
        "DELETE FROM interval_flows WHERE interval = ?1 AND flow IN "
        "(SELECT flow FROM interval_flows WHERE interval = ?1 ORDER BY flow LIMIT " ROWS ")",
    [REMOVE_INTERVAL] = "DELETE FROM capture_intervals WHERE id = ?1",
    [MOVE_FLOWS] = "INSERT INTO interval_flows (interval, flow"
#define FIGURE(name, ...) ", " #name
#define KEY(...)
#include "figures/interval.def"
                   ") SELECT ?2, flow"
#define FIGURE(name, ...) ", " #name
#define KEY(...)
#include "figures/interval.def"
                   " FROM interval_flows WHERE interval = ?1 ORDER BY flow LIMIT " ROWS
                   " ON CONFLICT (interval, flow) DO UPDATE SET packets = packets"
#define FIGURE(name, ...) ", " #name " = " #name " + excluded." #name
#define KEY(...)
#include "figures/interval.def"
    ,
    [ADD_INTERVAL_TO] = "UPDATE capture_intervals AS this SET packets = this.packets"
#define FIGURE(name, ...) ", " #name " = this." #name " + source." #name
#define KEY(...)
#include "figures/interval.def"
                        " FROM capture_intervals AS source WHERE source.id = ?1 AND this.id = ?2",
    [STRETCH_INTERVAL] = "UPDATE capture_intervals SET timestamp = ?2, changed = NULL, "
                         "duration_seconds = max(duration_seconds, ?3) WHERE id = ?1",
    [REMOVE_GAPS] = "DELETE FROM sequence_gaps WHERE id IN (SELECT id FROM sequence_gaps "
                    "WHERE capture_id = ?1 AND timestamp < ?2 AND +changed <= ?3 LIMIT " ROWS ")",
    [REMOVE_SAS] = "DELETE FROM sas WHERE id IN (SELECT id FROM sas INDEXED BY sas_ended "
                   "WHERE capture_id = ?1 AND last_timestamp < ?2 AND ended AND changed <= ?3 "
                   "LIMIT " ROWS ")",
    [REMOVE_EVENTS] = "DELETE FROM events WHERE id IN (SELECT id FROM events "
                      "WHERE capture_id = ?1 AND timestamp < ?2 AND +changed <= ?3 LIMIT " ROWS ")",
    [REMOVE_FLOWS] = "DELETE FROM flows WHERE id IN (SELECT id FROM flows "
                     "WHERE capture_id = ?1 AND last_timestamp < ?2 AND changed <= ?3 "
                     "LIMIT " ROWS ") "
                     "RETURNING protocol",
    [SUBTRACT_FLOW] = "UPDATE capture_counters SET flows = flows - 1 "
                      "WHERE capture_id = ?1 AND counter = ?2",
    [SUBTRACT_FLOWS] = "UPDATE captures SET total_flows = total_flows - ?2 WHERE id = ?1",
    [NEXT_CHANGE] = "UPDATE store SET change = change + 1",
    [CHANGE_CAPTURE] = "UPDATE captures SET changed = (SELECT change FROM store) WHERE id = ?1",
    [REMOVE_CAPTURE] = "DELETE FROM captures WHERE id = ?1",
};

int removal_init(struct removal *removal, sqlite3 *database, struct error *error)
{
    *removal = (struct removal){.database = database};
    for (enum removal_query i = 0; i < QUERY_COUNT; i++) {
        removal->queries[i] = database_prepare(database, sql[i], error);
        if (!removal->queries[i])
            return -1;
    }
    return 0;
}

void removal_release(struct removal *removal)
{
    for (enum removal_query i = 0; i < QUERY_COUNT; i++)
        sqlite3_finalize(removal->queries[i]);
    *removal = (struct removal){0};
}

/* Runs QUERY, whose parameters are bound. */
static int change(struct removal *removal, enum removal_query query)
{
    struct error error;

    if (statement_run(removal->queries[query], &error) < 0)
        return -1;
    return sqlite3_changes(removal->database);
}

/* Runs QUERY for row ID. */
static int change_row(struct removal *removal, enum removal_query query, int64_t id)
{
    sqlite3_bind_int64(removal->queries[query], 1, id);
    return change(removal, query);
}

/* Runs QUERY for the rows ID and OTHER. */
static int change_rows(struct removal *removal, enum removal_query query, int64_t id, int64_t other)
{
    sqlite3_bind_int64(removal->queries[query], 2, other);
    return change_row(removal, query, id);
}

static void bind_limit(sqlite3_stmt *statement, struct removal_limit limit)
{
    statement_bind_time(statement, 2, limit.before_ns);
    sqlite3_bind_int64(statement, 3, limit.copied);
}

/* Runs QUERY for what CAPTURE has within LIMIT. */
static int change_within(struct removal *removal, enum removal_query query, int64_t capture,
                         struct removal_limit limit)
{
    bind_limit(removal->queries[query], limit);
    return change_row(removal, query, capture);
}

/* --- intervals --- */

/* Removes some of the flows' rows of INTERVAL, and after the last of them its own. */
static int remove_interval(struct removal *removal, int64_t interval)
{
    int removed = change_row(removal, REMOVE_INTERVAL_FLOWS, interval);

    if (removed < 0 || removed == ROWS_REMOVED)
        return removed;
    return change_row(removal, REMOVE_INTERVAL, interval) < 0 ? -1 : removed + 1;
}

int removal_intervals(struct removal *removal, int64_t capture, struct removal_limit limit)
{
    sqlite3_stmt *statement = removal->queries[OLD_INTERVAL];
    int64_t interval = 0;
    struct error error;

    sqlite3_bind_int64(statement, 1, capture);
    bind_limit(statement, limit);
    if (statement_ask(statement, &interval, &error) < 0)
        return -1;
    return interval ? remove_interval(removal, interval) : 0;
}

/* Moves some of the flows' rows of interval FROM to TO, and after the last of them the
 * rest of it. */
static int merge_intervals(struct removal *removal, int64_t from, int64_t to)
{
    int moved = change_rows(removal, MOVE_FLOWS, from, to);

    if (moved < 0 || change_row(removal, REMOVE_INTERVAL_FLOWS, from) < 0)
        return -1;
    if (moved == ROWS_REMOVED)
        return moved;
    if (change_rows(removal, ADD_INTERVAL_TO, from, to) < 0 ||
        change_row(removal, REMOVE_INTERVAL, from) < 0)
        return -1;
    return moved + 1;
}

/* Makes INTERVAL, the first one from START_NS on, SECONDS long. */
static int stretch(struct removal *removal, int64_t interval, uint64_t start_ns, unsigned seconds)
{
    sqlite3_stmt *statement = removal->queries[STRETCH_INTERVAL];

    statement_bind_time(statement, 2, start_ns);
    sqlite3_bind_double(statement, 3, seconds);
    return change_row(removal, STRETCH_INTERVAL, interval);
}

/* Takes one step to join the intervals in the SECONDS from START_NS on. */
static int join_intervals(struct removal *removal, int64_t capture, uint64_t start_ns,
                          unsigned seconds)
{
    sqlite3_stmt *statement = removal->queries[INTERVALS_IN];
    int64_t ids[2] = {0, 0};

    sqlite3_bind_int64(statement, 1, capture);
    statement_bind_time(statement, 2, start_ns);
    statement_bind_time(statement, 3, start_ns + seconds * NS_PER_SECOND);
    for (int i = 0; i < 2 && sqlite3_step(statement) == SQLITE_ROW; i++)
        ids[i] = sqlite3_column_int64(statement, 0);
    if (sqlite3_reset(statement) != SQLITE_OK)
        return -1;
    if (!ids[0]) /* its time is malformed: another program wrote it */
        return 0;
    if (ids[1])
        return merge_intervals(removal, ids[1], ids[0]);
    return stretch(removal, ids[0], start_ns, seconds);
}

/* Whether an interval in the SECONDS from START_NS on has changes after COPIED; -1: failure. */
static int has_uncopied(struct removal *removal, int64_t capture, uint64_t start_ns,
                        unsigned seconds, int64_t copied)
{
    sqlite3_stmt *statement = removal->queries[UNCOPIED_IN];
    int64_t found = 0;
    struct error error;

    sqlite3_bind_int64(statement, 1, capture);
    statement_bind_time(statement, 2, start_ns);
    statement_bind_time(statement, 3, start_ns + seconds * NS_PER_SECOND);
    sqlite3_bind_int64(statement, 4, copied);
    return statement_ask(statement, &found, &error);
}

int removal_thin(struct removal *removal, int64_t capture, struct removal_limit limit,
                 unsigned seconds)
{
    sqlite3_stmt *statement = removal->queries[SHORT_INTERVAL];
    uint64_t length_ns = seconds * NS_PER_SECOND;
    uint64_t start_ns = 0;
    int found, is_spared;

    sqlite3_bind_int64(statement, 1, capture);
    statement_bind_time(statement, 2, limit.before_ns - limit.before_ns % length_ns);
    sqlite3_bind_double(statement, 3, seconds);
    found = sqlite3_step(statement) == SQLITE_ROW;
    if (found)
        start_ns = statement_time(statement, 0);
    if (sqlite3_reset(statement) != SQLITE_OK)
        return -1;
    if (!found)
        return 0;
    start_ns -= start_ns % length_ns;
    is_spared = has_uncopied(removal, capture, start_ns, seconds, limit.copied);
    if (is_spared)
        return is_spared < 0 ? -1 : 0;
    return join_intervals(removal, capture, start_ns, seconds);
}

/* --- gaps, flows, captures --- */

int removal_gaps(struct removal *removal, int64_t capture, struct removal_limit limit)
{
    return change_within(removal, REMOVE_GAPS, capture, limit);
}

int removal_sas(struct removal *removal, int64_t capture, struct removal_limit limit)
{
    return change_within(removal, REMOVE_SAS, capture, limit);
}

int removal_events(struct removal *removal, int64_t capture, struct removal_limit limit)
{
    return change_within(removal, REMOVE_EVENTS, capture, limit);
}

/* Removes some flows of CAPTURE within LIMIT and updates its numbers of flows. */
static int remove_flows(struct removal *removal, int64_t capture, struct removal_limit limit)
{
    sqlite3_stmt *statement = removal->queries[REMOVE_FLOWS];
    sqlite3_stmt *subtract = removal->queries[SUBTRACT_FLOW];
    int removed = 0;

    sqlite3_bind_int64(statement, 1, capture);
    bind_limit(statement, limit);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        sqlite3_bind_text(subtract, 2, (const char *)sqlite3_column_text(statement, 0), -1,
                          SQLITE_TRANSIENT);
        if (change_row(removal, SUBTRACT_FLOW, capture) < 0)
            break;
        removed++;
    }
    if (sqlite3_reset(statement) != SQLITE_OK ||
        change_rows(removal, SUBTRACT_FLOWS, capture, removed) < 0)
        return -1;
    return removed;
}

int removal_flows(struct removal *removal, int64_t capture, struct removal_limit limit)
{
    int removed = remove_flows(removal, capture, limit);

    if (removed > 0 &&
        (change(removal, NEXT_CHANGE) < 0 || change_row(removal, CHANGE_CAPTURE, capture) < 0))
        return -1;
    return removed;
}

int removal_capture(struct removal *removal, int64_t capture)
{
    const struct removal_limit all = {REMOVE_EVERYTHING, REMOVE_COPIED_ALL};
    int removed = removal_intervals(removal, capture, all);

    if (!removed)
        removed = removal_gaps(removal, capture, all);
    if (!removed)
        removed = removal_events(removal, capture, all);
    if (!removed)
        removed = remove_flows(removal, capture, all);
    return removed ? removed : change_row(removal, REMOVE_CAPTURE, capture);
}
