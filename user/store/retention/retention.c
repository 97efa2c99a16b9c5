/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/retention/retention.h"

#include "base/monotonic.h"
#include "store/database/database.h"
#include "store/database/ship_cursor.h"

#define NS_PER_DAY     (86400 * NS_PER_SECOND)
#define MINUTE_SECONDS 60
#define HOUR_SECONDS   3600

/* Ages, as fractions of the days to retain. */
#define FLUSHES_FOR   30
#define MINUTES_FOR   6
#define INTERVALS_FOR 2

#define ROUND_NS (MINUTE_SECONDS * NS_PER_SECOND)

/* When the program ends, its user waits at most this long for all stores together. */
#define FINISH_NS (3 * NS_PER_SECOND)

/* Unused pages are given back when they exceed this number and this fraction of the file. */
#define UNUSED_PAGES_KEPT 256
#define UNUSED_PART_KEPT  20

/* The shortest ages are some microseconds, for files of gaps only; for idle flows, some seconds. */
#define HALVINGS_MAX       40
#define HALVINGS_MAX_FLOWS 20

enum retention_query {
    NEXT_CAPTURE,
    REPLACED_CAPTURE,
    PAGE_SIZE,
    PAGE_COUNT,
    UNUSED_PAGES,
    GIVE_BACK_PAGES,
    STORE_STATE,
    QUERY_COUNT,
};

_Static_assert(QUERY_COUNT <= RETENTION_QUERIES, "room for all of them");

static const char *const sql[QUERY_COUNT] = {
    [NEXT_CAPTURE] = "SELECT id, method = 'file', updated, last_timestamp, changed FROM captures "
                     "WHERE id > ?1 ORDER BY id LIMIT 1",
    [REPLACED_CAPTURE] = "SELECT earlier.id FROM captures AS earlier, captures AS this "
                         "WHERE this.id = ?1 AND earlier.id < this.id "
                         "AND earlier.source = this.source AND earlier.method = this.method "
                         "AND (earlier.ended IS NOT NULL OR earlier.updated < this.started)",
    [PAGE_SIZE] = "PRAGMA page_size",
    [PAGE_COUNT] = "PRAGMA page_count",
    [UNUSED_PAGES] = "PRAGMA freelist_count",
    [STORE_STATE] = "SELECT uuid, change FROM store",
    [GIVE_BACK_PAGES] = "PRAGMA incremental_vacuum(500)",
};

int retention_init(struct retention *retention, const struct writer *writer, struct error *error)
{
    *retention = (struct retention){.writer = writer};
    for (enum retention_query i = 0; i < QUERY_COUNT; i++) {
        retention->queries[i] = database_prepare(writer->database, sql[i], error);
        if (!retention->queries[i])
            return -1;
    }
    return removal_init(&retention->removal, writer->database, error);
}

void retention_release(struct retention *retention)
{
    removal_release(&retention->removal);
    for (enum retention_query i = 0; i < QUERY_COUNT; i++)
        sqlite3_finalize(retention->queries[i]);
    *retention = (struct retention){0};
}

/* --- ages --- */

struct capture {
    int64_t id;
    int is_file;
    uint64_t updated_ns;
    uint64_t last_ns;
    int64_t change; /* no result of it is newer */
};

/* What may be removed in a round: results up to a change, when they are older than the days to
 * retain, which are halved this many times. */
struct allowed {
    int64_t copied;
    unsigned halvings;
};

static uint64_t age_of(const struct retention *retention, unsigned halvings, unsigned halvings_max)
{
    uint64_t days_ns = retention->writer->options->retain_days * NS_PER_DAY;

    return days_ns >> (halvings < halvings_max ? halvings : halvings_max);
}

static uint64_t before(uint64_t time_ns, uint64_t age_ns)
{
    return time_ns > age_ns ? time_ns - age_ns : 0;
}

/* The time before which data of CAPTURE are older than AGE_NS, after HALVINGS. */
static uint64_t limit_of(const struct retention *retention, const struct capture *capture,
                         uint64_t age_ns, unsigned halvings)
{
    uint64_t since_ns = before(retention->now_ns, capture->updated_ns);

    if (!capture->is_file)
        return before(retention->now_ns, age_ns);
    if (since_ns >= age_ns)
        return REMOVE_EVERYTHING;
    return halvings ? before(capture->last_ns, age_ns - since_ns) : 0;
}

int64_t retention_copied(const struct retention *retention)
{
    return retention->is_taking_early ? REMOVE_COPIED_ALL : retention->copied;
}

/* Called at the start of a round: reads up to which change results were copied. A cursor that is
 * ahead of the database is that of a newer copy of it. */
static void learn_copied(struct retention *retention)
{
    sqlite3_stmt *statement = retention->queries[STORE_STATE];

    retention->copied = REMOVE_COPIED_ALL;
    if (sqlite3_step(statement) == SQLITE_ROW) {
        const char *uuid = (const char *)sqlite3_column_text(statement, 0);

        retention->copied = ship_cursors_change(retention->writer->options->path, uuid ? uuid : "");
        retention->change = sqlite3_column_int64(statement, 1);
        if (retention->copied > retention->change && retention->copied != REMOVE_COPIED_ALL)
            retention->copied = SHIP_NO_CHANGE;
    }
    sqlite3_reset(statement);
    if (!retention->early_rounds || retention->copied >= retention->early_change)
        retention->is_taking_early = 0;
}

/* Notes that results that were not copied are removed, and reports it when that begins. */
static void note_early(struct retention *retention)
{
    const struct store_options *options = retention->writer->options;
    struct error news;

    if (retention->is_taking_early)
        return;
    retention->is_taking_early = 1;
    retention->early_change = retention->change;
    error_set(&news, "%s: too large: results that were not shipped yet are removed", options->path);
    options->tell(&news);
}

/* Removes what is due of CAPTURE, as far as it is ALLOWED. */
static int tend_allowed(struct retention *retention, const struct capture *capture,
                        struct allowed allowed)
{
    uint64_t age_ns = age_of(retention, allowed.halvings, HALVINGS_MAX);
    uint64_t idle_ns = age_of(retention, allowed.halvings, HALVINGS_MAX_FLOWS);
    struct removal *removal = &retention->removal;
    int removed;

#define LIMIT(age)                                                                                 \
    ((struct removal_limit){limit_of(retention, capture, age, allowed.halvings), allowed.copied})
    if (capture->id != retention->writer->capture &&
        capture->updated_ns < before(retention->now_ns, idle_ns) &&
        capture->change <= allowed.copied)
        return removal_capture(removal, capture->id);
    removed = removal_intervals(removal, capture->id, LIMIT(age_ns / INTERVALS_FOR));
    if (!removed)
        removed = removal_thin(removal, capture->id, LIMIT(age_ns / MINUTES_FOR), HOUR_SECONDS);
    if (!removed)
        removed = removal_thin(removal, capture->id, LIMIT(age_ns / FLUSHES_FOR), MINUTE_SECONDS);
    if (!removed)
        removed = removal_gaps(removal, capture->id, LIMIT(age_ns));
    if (!removed)
        removed = removal_sas(removal, capture->id, LIMIT(age_ns));
    if (!removed)
        removed = removal_events(removal, capture->id, LIMIT(age_ns));
    if (!removed)
        removed = removal_flows(removal, capture->id, LIMIT(idle_ns));
#undef LIMIT
    return removed;
}

/* Takes a step for CAPTURE. */
static int tend(struct retention *retention, const struct capture *capture)
{
    struct allowed copied = {retention->copied, retention->halvings};
    struct allowed all = {REMOVE_COPIED_ALL, retention->early_rounds - 1};
    int removed = tend_allowed(retention, capture, copied);

    if (removed || !retention->early_rounds || retention->copied == REMOVE_COPIED_ALL)
        return removed;
    removed = tend_allowed(retention, capture, all);
    if (removed > 0)
        note_early(retention);
    return removed;
}

/* --- rounds over all captures --- */

/* Finds the next capture of the round. Returns 1 with CAPTURE set, 0 when there is none, or -1. */
static int next_capture(struct retention *retention, struct capture *capture)
{
    sqlite3_stmt *statement = retention->queries[NEXT_CAPTURE];
    int found;

    sqlite3_bind_int64(statement, 1, retention->capture);
    found = sqlite3_step(statement) == SQLITE_ROW;
    if (found) {
        *capture = (struct capture){
            .id = sqlite3_column_int64(statement, 0),
            .is_file = sqlite3_column_int(statement, 1),
            .updated_ns = statement_time(statement, 2),
            .last_ns = statement_time(statement, 3),
            .change = sqlite3_column_int64(statement, 4),
        };
    }
    return sqlite3_reset(statement) == SQLITE_OK ? found : -1;
}

static int64_t ask(struct retention *retention, enum retention_query query)
{
    struct error error;
    int64_t value = 0;

    statement_ask(retention->queries[query], &value, &error);
    return value;
}

/* Gives some unused pages back to the file system. */
static int give_back_pages(struct retention *retention)
{
    int64_t unused = ask(retention, UNUSED_PAGES);
    struct error error;

    if (unused <= UNUSED_PAGES_KEPT || unused <= ask(retention, PAGE_COUNT) / UNUSED_PART_KEPT)
        return 0;
    return statement_run(retention->queries[GIVE_BACK_PAGES], &error) < 0 ? -1 : 1;
}

/* Allows more to be removed, because the database is too large: what was not copied only when
 * everything else is gone. Returns whether that is possible. */
static int allow_more(struct retention *retention)
{
    if (retention->halvings < HALVINGS_MAX)
        return ++retention->halvings > 0;
    if (retention->copied != REMOVE_COPIED_ALL && retention->early_rounds <= HALVINGS_MAX)
        return ++retention->early_rounds > 0;
    return 0;
}

static void allow_less(struct retention *retention)
{
    if (retention->early_rounds)
        retention->early_rounds--;
    else if (retention->halvings)
        retention->halvings--;
}

/* At the end of a round: returns whether another round with shorter ages must follow at once,
 * because the database is too large. */
static int fit(struct retention *retention)
{
    uint64_t page = (uint64_t)ask(retention, PAGE_SIZE);
    uint64_t used = (uint64_t)(ask(retention, PAGE_COUNT) - ask(retention, UNUSED_PAGES)) * page;
    uint64_t max_bytes = retention->writer->options->max_bytes;

    if (used > max_bytes)
        return allow_more(retention);
    if (used < max_bytes / 2)
        allow_less(retention);
    return 0;
}

/* Takes one step of the round. */
static int step(struct retention *retention)
{
    struct capture capture;
    int status, removed;

    if (!retention->capture)
        learn_copied(retention);
    status = next_capture(retention, &capture);
    if (status < 0)
        return -1;
    if (status) {
        removed = tend(retention, &capture);
        if (!removed)
            retention->capture = capture.id; /* this capture is done */
        return removed < 0 ? -1 : 1;
    }
    removed = give_back_pages(retention);
    if (removed)
        return removed;
    retention->capture = 0;
    return fit(retention);
}

/* Takes steps in one transaction, for RETENTION_STEP_NS. Returns whether there is more to do. */
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
    if (!retention->capture && retention->now_ns < retention->next_round_ns &&
        retention->next_round_ns - retention->now_ns <= ROUND_NS) /* else the clock was set back */
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
    retention_run(retention, FINISH_NS / store_siblings(retention->writer->options));
}

/* Finds the next capture to be replaced. Returns 1, 0 when there is none, or -1 with ERROR set. */
static int find_replaced(struct retention *retention, int64_t *capture, struct error *error)
{
    sqlite3_stmt *statement = retention->queries[REPLACED_CAPTURE];

    sqlite3_bind_int64(statement, 1, retention->writer->capture);
    return statement_ask(statement, capture, error);
}

int retention_replace(struct retention *retention, struct error *error)
{
    sqlite3 *database = retention->writer->database;
    int64_t capture = 0;
    int found;

    while ((found = find_replaced(retention, &capture, error)) > 0) {
        if (database_run(database, "BEGIN IMMEDIATE", error) < 0)
            return -1;
        if (removal_capture(&retention->removal, capture) < 0 ||
            sqlite3_exec(database, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
            database_failed(database, error);
            sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
            return -1;
        }
    }
    return found;
}
