/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/retention.h"

#include <string.h>
#include <time.h>

#include "base/units.h"
#include "report/figures.h"
#include "store/database.h"

#define NS_PER_DAY     (86400 * NS_PER_SECOND)
#define MINUTE_SECONDS 60
#define HOUR_SECONDS   3600

/* Ages, as parts of the days to retain. */
#define FLUSHES_FOR   30
#define MINUTES_FOR   6
#define INTERVALS_FOR 2

#define ROUND_NS (MINUTE_SECONDS * NS_PER_SECOND)

/* A run of the program that ends does not keep its user waiting for longer. */
#define FINISH_NS (3 * NS_PER_SECOND)

/* Rows that one statement removes: a few milliseconds. */
#define ROWS         "2000"
#define ROWS_REMOVED 2000

/* Beyond a twentieth of the file, and this, its unused pages are given back. */
#define UNUSED_PAGES_KEPT 256
#define UNUSED_PART_KEPT  20

/* Ages end at some microseconds, for files of gaps alone; flows are idle for some seconds at least.
 */
#define HALVINGS_MAX       40
#define HALVINGS_MAX_FLOWS 20
#define EVERYTHING         UINT64_MAX

enum query {
    NEXT_CAPTURE,
    OLD_INTERVAL,
    SHORT_INTERVAL,
    INTERVALS_IN,
    REMOVE_INTERVAL_FLOWS,
    REMOVE_INTERVAL,
    MOVE_FLOWS,
    ADD_INTERVAL_TO,
    STRETCH_INTERVAL,
    REMOVE_GAPS,
    REMOVE_FLOWS,
    SUBTRACT_FLOW,
    SUBTRACT_FLOWS,
    REMOVE_CAPTURE,
    REPLACED_CAPTURE,
    PAGE_SIZE,
    PAGE_COUNT,
    UNUSED_PAGES,
    GIVE_BACK_PAGES,
    QUERY_COUNT,
};

_Static_assert(QUERY_COUNT <= RETENTION_QUERIES, "room for all of them");

static const char *const sql[QUERY_COUNT] = {
    [NEXT_CAPTURE] = "SELECT id, method = 'file', updated, last_timestamp FROM captures "
                     "WHERE id > ?1 ORDER BY id LIMIT 1",
    [OLD_INTERVAL] = "SELECT id FROM capture_intervals WHERE capture_id = ?1 AND timestamp < ?2 "
                     "ORDER BY timestamp LIMIT 1",
    [SHORT_INTERVAL] = "SELECT timestamp FROM capture_intervals WHERE capture_id = ?1 "
                       "AND timestamp < ?2 AND duration_seconds < ?3 ORDER BY timestamp LIMIT 1",
    [INTERVALS_IN] = "SELECT id FROM capture_intervals WHERE capture_id = ?1 "
                     "AND timestamp >= ?2 AND timestamp < ?3 ORDER BY timestamp LIMIT 2",
    [REMOVE_INTERVAL_FLOWS] =
        "DELETE FROM interval_flows WHERE interval = ?1 AND flow IN "
        "(SELECT flow FROM interval_flows WHERE interval = ?1 ORDER BY flow LIMIT " ROWS ")",
    [REMOVE_INTERVAL] = "DELETE FROM capture_intervals WHERE id = ?1",
    [MOVE_FLOWS] =
        "INSERT INTO interval_flows SELECT ?2, flow, packets, bytes, lost FROM interval_flows "
        "WHERE interval = ?1 ORDER BY flow LIMIT " ROWS " ON CONFLICT (interval, flow) DO UPDATE "
        "SET packets = packets + excluded.packets, bytes = bytes + excluded.bytes, "
        "lost = lost + excluded.lost",
    [ADD_INTERVAL_TO] =
        "UPDATE capture_intervals AS this SET packets = this.packets + source.packets, "
        "bytes = this.bytes + source.bytes, lost = this.lost + source.lost "
        "FROM capture_intervals AS source WHERE source.id = ?1 AND this.id = ?2",
    [STRETCH_INTERVAL] = "UPDATE capture_intervals SET timestamp = ?2, "
                         "duration_seconds = max(duration_seconds, ?3) WHERE id = ?1",
    [REMOVE_GAPS] = "DELETE FROM sequence_gaps WHERE id IN (SELECT id FROM sequence_gaps "
                    "WHERE capture_id = ?1 AND timestamp < ?2 LIMIT " ROWS ")",
    [REMOVE_FLOWS] = "DELETE FROM flows WHERE id IN (SELECT id FROM flows "
                     "WHERE capture_id = ?1 AND last_timestamp < ?2 LIMIT " ROWS ") "
                     "RETURNING protocol",
    [SUBTRACT_FLOW] = "UPDATE capture_counters SET flows = flows - 1 "
                      "WHERE capture_id = ?1 AND counter = ?2",
    [SUBTRACT_FLOWS] = "UPDATE captures SET total_flows = total_flows - ?2 WHERE id = ?1",
    [REMOVE_CAPTURE] = "DELETE FROM captures WHERE id = ?1",
    [REPLACED_CAPTURE] = "SELECT earlier.id FROM captures AS earlier, captures AS this "
                         "WHERE this.id = ?1 AND earlier.id < this.id "
                         "AND earlier.source = this.source AND earlier.method = this.method "
                         "AND (earlier.ended IS NOT NULL OR earlier.updated < this.started)",
    [PAGE_SIZE] = "PRAGMA page_size",
    [PAGE_COUNT] = "PRAGMA page_count",
    [UNUSED_PAGES] = "PRAGMA freelist_count",
    [GIVE_BACK_PAGES] = "PRAGMA incremental_vacuum(500)",
};

int retention_init(struct retention *retention, const struct writer *writer, struct error *error)
{
    *retention = (struct retention){.writer = writer};
    for (enum query i = 0; i < QUERY_COUNT; i++) {
        retention->queries[i] = database_prepare(writer->database, sql[i], error);
        if (!retention->queries[i])
            return -1;
    }
    return 0;
}

void retention_release(struct retention *retention)
{
    for (enum query i = 0; i < QUERY_COUNT; i++)
        sqlite3_finalize(retention->queries[i]);
    *retention = (struct retention){0};
}

/* Every step below returns how many rows it removed or changed, 0 when it found nothing to do, or
 * -1 when it failed: the transaction is then rolled back, and it will be tried in the next round.
 */

/* Runs QUERY, whose parameters are bound. */
static int change(struct retention *retention, enum query query)
{
    struct error error;

    if (statement_run(retention->queries[query], &error) < 0)
        return -1;
    return sqlite3_changes(retention->writer->database);
}

/* Runs QUERY on row ID. */
static int change_row(struct retention *retention, enum query query, int64_t id)
{
    sqlite3_bind_int64(retention->queries[query], 1, id);
    return change(retention, query);
}

/* Runs QUERY on row ID and OTHER. */
static int change_rows(struct retention *retention, enum query query, int64_t id, int64_t other)
{
    sqlite3_bind_int64(retention->queries[query], 2, other);
    return change_row(retention, query, id);
}

/* The integer that QUERY yields for row ID before TIME_NS; 0 where there is none, or -1. */
static int64_t find_before(struct retention *retention, enum query query, int64_t id,
                           uint64_t time_ns)
{
    struct error error;
    int64_t found = 0;

    sqlite3_bind_int64(retention->queries[query], 1, id);
    statement_bind_time(retention->queries[query], 2, time_ns);
    return statement_ask(retention->queries[query], &found, &error) < 0 ? -1 : found;
}

/* --- ages --- */

struct capture {
    int64_t id;
    int is_file;
    uint64_t updated_ns;
    uint64_t last_ns;
};

static uint64_t age_of(const struct retention *retention, unsigned halvings_max)
{
    uint64_t days_ns = retention->writer->options->retain_days * NS_PER_DAY;
    unsigned halvings = retention->halvings < halvings_max ? retention->halvings : halvings_max;

    return days_ns >> halvings;
}

static uint64_t before(uint64_t time_ns, uint64_t age_ns)
{
    return time_ns > age_ns ? time_ns - age_ns : 0;
}

/* What of CAPTURE comes before this is older than AGE_NS. */
static uint64_t limit_of(const struct retention *retention, const struct capture *capture,
                         uint64_t age_ns)
{
    uint64_t since_ns = before(retention->now_ns, capture->updated_ns);

    if (!capture->is_file)
        return before(retention->now_ns, age_ns);
    if (since_ns >= age_ns)
        return EVERYTHING;
    return retention->halvings ? before(capture->last_ns, age_ns - since_ns) : 0;
}

/* --- intervals --- */

/* Removes some of the flows' rows of INTERVAL, and its own behind the last of them. */
static int remove_interval(struct retention *retention, int64_t interval)
{
    int removed = change_row(retention, REMOVE_INTERVAL_FLOWS, interval);

    if (removed < 0 || removed == ROWS_REMOVED)
        return removed;
    return change_row(retention, REMOVE_INTERVAL, interval) < 0 ? -1 : removed + 1;
}

static int remove_intervals(struct retention *retention, int64_t capture, uint64_t limit_ns)
{
    int64_t interval = find_before(retention, OLD_INTERVAL, capture, limit_ns);

    return interval > 0 ? remove_interval(retention, interval) : (int)interval;
}

/* Moves some of the flows' rows of interval FROM to TO; with the last of them, the rest of it. */
static int merge_intervals(struct retention *retention, int64_t from, int64_t to)
{
    int moved = change_rows(retention, MOVE_FLOWS, from, to);

    if (moved < 0 || change_row(retention, REMOVE_INTERVAL_FLOWS, from) < 0)
        return -1;
    if (moved == ROWS_REMOVED)
        return moved;
    if (change_rows(retention, ADD_INTERVAL_TO, from, to) < 0 ||
        change_row(retention, REMOVE_INTERVAL, from) < 0)
        return -1;
    return moved + 1;
}

/* The first interval of CAPTURE from START_NS on, for SECONDS, now takes all of that. */
static int stretch(struct retention *retention, int64_t interval, uint64_t start_ns,
                   unsigned seconds)
{
    sqlite3_stmt *statement = retention->queries[STRETCH_INTERVAL];

    statement_bind_time(statement, 2, start_ns);
    sqlite3_bind_double(statement, 3, seconds);
    return change_row(retention, STRETCH_INTERVAL, interval);
}

/* Makes one of the intervals in the SECONDS from START_NS on: the next step towards it. */
static int join_intervals(struct retention *retention, int64_t capture, uint64_t start_ns,
                          unsigned seconds)
{
    sqlite3_stmt *statement = retention->queries[INTERVALS_IN];
    int64_t ids[2] = {0, 0};

    sqlite3_bind_int64(statement, 1, capture);
    statement_bind_time(statement, 2, start_ns);
    statement_bind_time(statement, 3, start_ns + seconds * NS_PER_SECOND);
    for (int i = 0; i < 2 && sqlite3_step(statement) == SQLITE_ROW; i++)
        ids[i] = sqlite3_column_int64(statement, 0);
    if (sqlite3_reset(statement) != SQLITE_OK || !ids[0])
        return -1;
    if (ids[1])
        return merge_intervals(retention, ids[1], ids[0]);
    return stretch(retention, ids[0], start_ns, seconds);
}

/* Intervals of CAPTURE that begin before LIMIT_NS become SECONDS long. */
static int thin_intervals(struct retention *retention, int64_t capture, uint64_t limit_ns,
                          unsigned seconds)
{
    sqlite3_stmt *statement = retention->queries[SHORT_INTERVAL];
    uint64_t length_ns = seconds * NS_PER_SECOND;
    uint64_t start_ns = 0;
    int found;

    sqlite3_bind_int64(statement, 1, capture);
    statement_bind_time(statement, 2, limit_ns - limit_ns % length_ns);
    sqlite3_bind_double(statement, 3, seconds);
    found = sqlite3_step(statement) == SQLITE_ROW;
    if (found)
        start_ns = timestamp_parse((const char *)sqlite3_column_text(statement, 0));
    if (sqlite3_reset(statement) != SQLITE_OK)
        return -1;
    if (!found)
        return 0;
    return join_intervals(retention, capture, start_ns - start_ns % length_ns, seconds);
}

/* --- gaps, flows, captures --- */

static int remove_gaps(struct retention *retention, int64_t capture, uint64_t limit_ns)
{
    statement_bind_time(retention->queries[REMOVE_GAPS], 2, limit_ns);
    return change_row(retention, REMOVE_GAPS, capture);
}

/* The capture's row counts the rows of flows. */
static int remove_flows(struct retention *retention, int64_t capture, uint64_t limit_ns)
{
    sqlite3_stmt *statement = retention->queries[REMOVE_FLOWS];
    sqlite3_stmt *subtract = retention->queries[SUBTRACT_FLOW];
    int removed = 0;

    sqlite3_bind_int64(statement, 1, capture);
    statement_bind_time(statement, 2, limit_ns);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        sqlite3_bind_text(subtract, 2, (const char *)sqlite3_column_text(statement, 0), -1,
                          SQLITE_TRANSIENT);
        if (change_row(retention, SUBTRACT_FLOW, capture) < 0)
            break;
        removed++;
    }
    if (sqlite3_reset(statement) != SQLITE_OK ||
        change_rows(retention, SUBTRACT_FLOWS, capture, removed) < 0)
        return -1;
    return removed;
}

/* Removes a part of CAPTURE; behind the last part, its row. */
static int remove_capture(struct retention *retention, int64_t capture)
{
    int removed = remove_intervals(retention, capture, EVERYTHING);

    if (!removed)
        removed = remove_gaps(retention, capture, EVERYTHING);
    if (!removed)
        removed = remove_flows(retention, capture, EVERYTHING);
    return removed ? removed : change_row(retention, REMOVE_CAPTURE, capture);
}

static int tend(struct retention *retention, const struct capture *capture)
{
    uint64_t age_ns = age_of(retention, HALVINGS_MAX);
    uint64_t idle_ns = age_of(retention, HALVINGS_MAX_FLOWS);
    int removed;

    if (capture->id != retention->writer->capture &&
        capture->updated_ns < before(retention->now_ns, idle_ns))
        return remove_capture(retention, capture->id);
    removed = remove_intervals(retention, capture->id,
                               limit_of(retention, capture, age_ns / INTERVALS_FOR));
    if (!removed)
        removed = thin_intervals(retention, capture->id,
                                 limit_of(retention, capture, age_ns / MINUTES_FOR), HOUR_SECONDS);
    if (!removed)
        removed =
            thin_intervals(retention, capture->id,
                           limit_of(retention, capture, age_ns / FLUSHES_FOR), MINUTE_SECONDS);
    if (!removed)
        removed = remove_gaps(retention, capture->id, limit_of(retention, capture, age_ns));
    if (!removed)
        removed = remove_flows(retention, capture->id, limit_of(retention, capture, idle_ns));
    return removed;
}

/* --- rounds over all captures --- */

/* Looks for the next capture of the round. Returns 1 with CAPTURE set, 0 when there is none, or -1.
 */
static int next_capture(struct retention *retention, struct capture *capture)
{
    sqlite3_stmt *statement = retention->queries[NEXT_CAPTURE];
    int found;

    sqlite3_bind_int64(statement, 1, retention->capture);
    found = sqlite3_step(statement) == SQLITE_ROW;
    if (found) {
        const char *last = (const char *)sqlite3_column_text(statement, 3);

        *capture = (struct capture){
            .id = sqlite3_column_int64(statement, 0),
            .is_file = sqlite3_column_int(statement, 1),
            .updated_ns = timestamp_parse((const char *)sqlite3_column_text(statement, 2)),
            .last_ns = last ? timestamp_parse(last) : 0,
        };
    }
    return sqlite3_reset(statement) == SQLITE_OK ? found : -1;
}

static int64_t ask(struct retention *retention, enum query query)
{
    struct error error;
    int64_t value = 0;

    statement_ask(retention->queries[query], &value, &error);
    return value;
}

/* Gives unused pages back to the file system, some at a time. */
static int give_back_pages(struct retention *retention)
{
    int64_t unused = ask(retention, UNUSED_PAGES);

    if (unused <= UNUSED_PAGES_KEPT || unused <= ask(retention, PAGE_COUNT) / UNUSED_PART_KEPT)
        return 0;
    return change(retention, GIVE_BACK_PAGES) < 0 ? -1 : 1;
}

/* At the end of a round: does what is left fit? Returns whether the next round is to follow at
 * once, with shorter ages. */
static int fit(struct retention *retention)
{
    uint64_t page = (uint64_t)ask(retention, PAGE_SIZE);
    uint64_t used = (uint64_t)(ask(retention, PAGE_COUNT) - ask(retention, UNUSED_PAGES)) * page;
    uint64_t max_bytes = retention->writer->options->max_bytes;

    if (used > max_bytes && retention->halvings < HALVINGS_MAX) {
        retention->halvings++;
        return 1;
    }
    if (retention->halvings && used < max_bytes / 2)
        retention->halvings--;
    return 0;
}

/* One step of the round. */
static int step(struct retention *retention)
{
    struct capture capture;
    int status = next_capture(retention, &capture);
    int removed;

    if (status < 0)
        return -1;
    if (status) {
        removed = tend(retention, &capture);
        if (!removed)
            retention->capture = capture.id; /* done with this one */
        return removed < 0 ? -1 : 1;
    }
    removed = give_back_pages(retention);
    if (removed)
        return removed;
    retention->capture = 0;
    return fit(retention);
}

static uint64_t monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* Steps in one transaction, for RETENTION_STEP_NS. Returns whether there is more to do. */
static int run_steps(struct retention *retention)
{
    sqlite3 *database = retention->writer->database;
    uint64_t began_ns = monotonic_ns();
    struct error error;
    int status = 1;

    if (database_run(database, "BEGIN IMMEDIATE", &error) < 0)
        return 0;
    while (status > 0 && monotonic_ns() - began_ns < RETENTION_STEP_NS)
        status = step(retention);
    if (status < 0 || database_run(database, "COMMIT", &error) < 0) {
        sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
        return 0;
    }
    return status;
}

int retention_run(struct retention *retention, uint64_t budget_ns)
{
    uint64_t began_ns = monotonic_ns();
    int has_more;

    retention->now_ns = retention->writer->options->clock();
    if (!retention->capture && retention->now_ns < retention->next_round_ns)
        return 0;
    do
        has_more = run_steps(retention);
    while (has_more && monotonic_ns() - began_ns < budget_ns);
    if (!has_more)
        retention->next_round_ns = retention->now_ns + ROUND_NS;
    return has_more;
}

void retention_finish(struct retention *retention)
{
    retention->next_round_ns = 0;
    retention_run(retention, FINISH_NS);
}

int retention_replace(struct retention *retention, struct error *error)
{
    sqlite3_stmt *statement = retention->queries[REPLACED_CAPTURE];
    int64_t replaced = 0;
    int found;

    sqlite3_bind_int64(statement, 1, retention->writer->capture);
    while ((found = statement_ask(statement, &replaced, error)) > 0)
        if (remove_capture(retention, replaced) < 0)
            return database_failed(retention->writer->database, error);
    return found;
}
