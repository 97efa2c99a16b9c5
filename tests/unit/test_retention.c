/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/retention/retention.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "store/database/database.h"
#include "store/database/ship_cursor.h"
#include "unit.h"

#define DAY_NS   (86400 * NS_PER_SECOND)
#define START_NS (UINT64_C(1735689600) * NS_PER_SECOND)
#define LONG_NS  (60 * NS_PER_SECOND)

enum { FLOWS = 10, FLUSHES_A_DAY = 24, FLUSH_SECONDS = 5, DAYS_KEPT = 30 };

static char folder[64];
static char path[96];
static uint64_t now_ns;
static struct store_options options;
static struct writer writer;
static struct retention retention;
static struct tracker tracker;
static uint32_t sequence;
static struct error error;

static uint64_t clock_now(void)
{
    return now_ns;
}

static int begin(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/gapwatch-retention-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/db", folder);
    return 0;
}

static int end(void **state)
{
    char name[128];

    (void)state;
    for (int i = 0; i < 5; i++) {
        static const char *const suffixes[] = {"", "-wal", "-shm", ".ship-test.new",
                                               ".ship-test.sas.refused"};

        snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
        unlink(name);
    }
    return rmdir(folder);
}

static void open_all(const char *method, uint64_t max_bytes)
{
    options = (struct store_options){
        .path = path,
        .source = "test",
        .method = method,
        .window = WINDOW_DEFAULT,
        .shards = 1,
        .flush_seconds = FLUSH_SECONDS,
        .retain_days = DAYS_KEPT,
        .max_bytes = max_bytes,
        .clock = clock_now,
    };
    sequence = 0;
    assert_int_equal(writer_open(&writer, &options, &error), 0);
    assert_int_equal(retention_init(&retention, &writer, &error), 0);
    assert_int_equal(tracker_init(&tracker, WINDOW_DEFAULT, FLOWS), 0);
    tracker_keep_changes(&tracker);
}

static void close_all(void)
{
    retention_release(&retention);
    writer_release(&writer);
    tracker_release(&tracker);
}

static int64_t ask(const char *sql)
{
    sqlite3_stmt *statement = database_prepare(writer.database, sql, &error);
    int64_t value = -1;

    assert_non_null(statement);
    assert_true(statement_ask(statement, &value, &error) >= 0);
    sqlite3_finalize(statement);
    return value;
}

static int64_t file_bytes(void)
{
    return ask("PRAGMA page_count") * ask("PRAGMA page_size");
}

static int64_t used_bytes(void)
{
    return file_bytes() - ask("PRAGMA freelist_count") * ask("PRAGMA page_size");
}

static void receive(uint32_t spi, uint32_t number)
{
    struct frame_record record = {
        .key = {.protocol = OUTCOME_ESP, .family = 4, .spi = spi},
        .sequence = number,
        .timestamp_ns = now_ns,
        .wire_bytes = 100,
        .wire_packets = 1,
    };

    tracker_receive(&tracker, &record, 1, NULL);
}

/* Writes what was collected at now_ns, for the FLUSH_SECONDS before. */
static void flush(void)
{
    struct store_batch batch = {
        .interval = {.start_ns = now_ns - FLUSH_SECONDS * NS_PER_SECOND, .end_ns = now_ns}};
    struct left_out left_out;

    change_log_collect(&tracker.changes, &batch.changes);
    assert_int_equal(writer_write(&writer, &batch, &left_out, &error), 0);
    changes_release(&batch.changes);
}

/* Two minutes of traffic with some loss in each flow. */
static void one_day(uint32_t first_spi)
{
    for (int i = 0; i < FLUSHES_A_DAY; i++) {
        now_ns += FLUSH_SECONDS * NS_PER_SECOND;
        sequence += 2 + WINDOW_DEFAULT * (i % 4 == 0);
        for (uint32_t flow = 0; flow < FLOWS; flow++)
            receive(first_spi + flow, sequence);
        flush();
        retention_run(&retention, LONG_NS);
    }
    now_ns += DAY_NS - FLUSHES_A_DAY * FLUSH_SECONDS * NS_PER_SECOND;
    while (retention_run(&retention, LONG_NS))
        ;
}

/* The age of the oldest row of a query in days. */
static double oldest_days(const char *timestamp_and_from)
{
    char sql[256], now[TIMESTAMP_CHARS];

    timestamp_format(now_ns, now);
    snprintf(sql, sizeof(sql),
             "SELECT (julianday('%s') - julianday(min(timestamp))) * 1000 FROM %s", now,
             timestamp_and_from);
    return (double)ask(sql) / 1000;
}

/* Other flows each day, as with SAs that are rekeyed. */
static void a_year_stays_within_bounds(void **state)
{
    int64_t largest_early = 0, largest_late = 0;

    (void)state;
    now_ns = START_NS;
    open_all("tc", UINT64_C(1) << 40);
    for (int day = 0; day < 365; day++) {
        one_day(1000 + (uint32_t)day * FLOWS);
        if (day >= 2 * DAYS_KEPT && day < 4 * DAYS_KEPT && file_bytes() > largest_early)
            largest_early = file_bytes();
        if (day >= 365 - 2 * DAYS_KEPT && file_bytes() > largest_late)
            largest_late = file_bytes();
    }
    assert_in_range(largest_late, 1, largest_early + largest_early / 10);
    /* Intervals are joined before they are removed, and gaps are kept longer. */
    assert_true(oldest_days("capture_intervals WHERE duration_seconds < 60") < 3);
    assert_true(oldest_days("capture_intervals WHERE duration_seconds = 60") > 2);
    assert_true(oldest_days("capture_intervals WHERE duration_seconds < 3600") < 7);
    assert_true(oldest_days("capture_intervals") > 12);
    assert_true(oldest_days("capture_intervals") < 17);
    assert_true(oldest_days("sequence_gaps") > 28);
    assert_true(oldest_days("sequence_gaps") < 32);
    /* Joining intervals keeps the sums. */
    assert_int_equal(ask("SELECT count(*) FROM (SELECT sum(packets) AS p, sum(bytes) AS b "
                         "FROM capture_intervals GROUP BY substr(timestamp, 1, 10)) "
                         "WHERE p != 240 OR b != 24000"),
                     0);
    assert_int_equal(ask("SELECT count(*) FROM capture_intervals AS c WHERE "
                         "(packets, bytes, lost) != (SELECT sum(packets), sum(bytes), sum(lost) "
                         "FROM interval_flows WHERE interval = c.id)"),
                     0);
    /* Flows are removed with their gaps. The capture's row counts the remaining ones. */
    assert_in_range(ask("SELECT count(*) FROM flows"), 28 * FLOWS, 32 * FLOWS);
    assert_int_equal(ask("SELECT total_flows - (SELECT count(*) FROM flows) FROM captures"), 0);
    assert_int_equal(ask("SELECT flows - (SELECT count(*) FROM flows) FROM capture_counters "
                         "WHERE counter = 'esp'"),
                     0);
    assert_int_equal(ask("SELECT total_packets_received FROM captures"), 365 * 240);
    close_all();
}

/* The same flows all the time, with more data than fits: the newest stays. */
static void the_size_is_kept(void **state)
{
    const int64_t limit = 1 << 20;
    int64_t largest = 0;

    (void)state;
    now_ns = START_NS;
    open_all("tc", limit);
    for (int i = 0; i < 4000; i++) {
        now_ns += FLUSH_SECONDS * NS_PER_SECOND;
        sequence += WINDOW_DEFAULT;
        for (uint32_t flow = 0; flow < FLOWS; flow++)
            receive(1000 + flow, sequence);
        flush();
        if (i % 12 == 0)
            while (retention_run(&retention, LONG_NS))
                ;
        if (file_bytes() > largest)
            largest = file_bytes();
    }
    assert_in_range(largest, limit / 2, limit * 2);
    while (retention_run(&retention, LONG_NS))
        ;
    now_ns += LONG_NS;
    while (retention_run(&retention, LONG_NS))
        ;
    assert_in_range(file_bytes(), 1, limit + limit / 4);
    assert_int_equal(ask("SELECT count(*) FROM flows"), FLOWS);
    assert_true(ask("SELECT count(*) FROM sequence_gaps") > 0);
    assert_true(oldest_days("sequence_gaps") < 4000 * FLUSH_SECONDS / 86400.0);
    close_all();
}

static char news_text[sizeof(struct error)];

static void note(const struct error *news)
{
    snprintf(news_text, sizeof(news_text), "%s", news->text);
}

/* Writes the cursor of somebody who has copied everything up to CHANGE. */
static void write_cursor(const char *cursor_path, int64_t change)
{
    sqlite3_stmt *statement = database_prepare(writer.database, "SELECT uuid FROM store", &error);
    struct ship_cursor cursor;

    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    ship_cursor_reset(&cursor, (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    cursor.change = change;
    assert_int_equal(ship_cursor_write(&cursor, cursor_path, &error), 0);
}

/* Makes an empty file that is kept beside a cursor, and is none. */
static void make_other(const char *cursor_path, const char *end)
{
    char other[192];
    FILE *file;

    snprintf(other, sizeof(other), "%s%s", cursor_path, end);
    file = fopen(other, "w");
    assert_non_null(file);
    fclose(file);
}

/* Nothing is removed or joined that was not copied yet, unless the database is too large. */
static void what_was_not_shipped_stays_while_there_is_room(void **state)
{
    char cursor_path[160];
    int64_t copied;

    (void)state;
    now_ns = START_NS;
    open_all("tc", UINT64_C(1) << 40);
    options.tell = note;
    snprintf(cursor_path, sizeof(cursor_path), "%s.ship-test", path);
    one_day(1000);
    copied = ask("SELECT change FROM store");
    write_cursor(cursor_path, copied);
    make_other(cursor_path, ".new");
    make_other(cursor_path, ".sas.refused");
    for (int day = 1; day < 2 * DAYS_KEPT; day++)
        one_day(1000 + (uint32_t)day * FLOWS);
    assert_int_equal(ask("SELECT min(changed) FROM sequence_gaps"), copied + 1);
    assert_true(oldest_days("capture_intervals WHERE duration_seconds < 60") > 2 * DAYS_KEPT - 3);
    assert_string_equal(news_text, "");
    assert_int_equal(retention_copied(&retention), copied);
    assert_int_equal(truncate(cursor_path, 30), 0); /* nobody knows what was copied */
    one_day(1000);
    assert_int_equal(ask("SELECT min(changed) FROM sequence_gaps"), copied + 1);
    write_cursor(cursor_path, ask("SELECT change FROM store"));
    one_day(1000);
    assert_true(oldest_days("sequence_gaps") < DAYS_KEPT + 2);
    write_cursor(cursor_path, copied);
    options.max_bytes = 1;
    one_day(1000);
    assert_non_null(strstr(news_text, "not shipped yet"));
    assert_int_equal(retention_copied(&retention), INT64_MAX);
    unlink(cursor_path);
    close_all();
}

/* An earlier capture was not copied, the one after it was: in a database that is too large, the
 * newer results go first. */
static void what_was_shipped_goes_first(void **state)
{
    char cursor_path[160];
    int64_t copied, gaps;

    (void)state;
    now_ns = START_NS;
    open_all("tc", UINT64_C(1) << 40);
    for (int day = 0; day < 5; day++)
        one_day(1000);
    gaps = ask("SELECT count(*) FROM sequence_gaps");
    close_all();
    open_all("xdp", UINT64_C(1) << 40);
    options.tell = note;
    news_text[0] = '\0';
    snprintf(cursor_path, sizeof(cursor_path), "%s.ship-test", path);
    for (int day = 0; day < 5; day++)
        one_day(2000);
    copied = ask("UPDATE store SET change = change + 1 RETURNING change - 1");
    ask("UPDATE sequence_gaps SET changed = (SELECT change FROM store) WHERE capture_id = 1");
    ask("UPDATE captures SET changed = (SELECT change FROM store) WHERE id = 1");
    write_cursor(cursor_path, copied);
    options.max_bytes = (uint64_t)used_bytes() * 7 / 8;
    now_ns += DAY_NS;
    while (retention_run(&retention, LONG_NS))
        ;
    assert_in_range(used_bytes(), 1, options.max_bytes);
    assert_int_equal(ask("SELECT count(*) FROM sequence_gaps WHERE capture_id = 1"), gaps);
    assert_string_equal(news_text, "");
    unlink(cursor_path);
    close_all();
}

/* Flows that were removed are a change of their capture's row, which is copied again. */
static void a_number_of_flows_is_shipped_again(void **state)
{
    int64_t change;

    (void)state;
    now_ns = START_NS;
    open_all("tc", UINT64_C(1) << 40);
    one_day(1000);
    change = ask("SELECT change FROM store");
    now_ns += (DAYS_KEPT + 1) * DAY_NS;
    while (retention_run(&retention, LONG_NS))
        ;
    assert_int_equal(ask("SELECT total_flows FROM captures"), 0);
    assert_true(ask("SELECT changed FROM captures") > change);
    assert_int_equal(ask("SELECT changed FROM captures"), ask("SELECT change FROM store"));
    close_all();
}

/* The clock was years ahead for a while, and everything was copied then: what comes after it was
 * set right is not copied. */
static void a_clock_ahead_spares_what_was_not_shipped(void **state)
{
    char cursor_path[160];

    (void)state;
    now_ns = START_NS + 3650 * DAY_NS;
    open_all("tc", UINT64_C(1) << 40);
    options.tell = note;
    news_text[0] = '\0';
    one_day(1);
    snprintf(cursor_path, sizeof(cursor_path), "%s.ship-test", path);
    write_cursor(cursor_path, ask("SELECT change FROM store"));
    now_ns = START_NS;
    for (int day = 0; day < 2 * DAYS_KEPT; day++)
        one_day(1000 + (uint32_t)day * FLOWS);
    assert_int_equal((int)oldest_days("sequence_gaps"), 2 * DAYS_KEPT - 1);
    assert_true(oldest_days("capture_intervals WHERE duration_seconds < 60") > 2 * DAYS_KEPT - 1);
    assert_string_equal(news_text, "");
    write_cursor(cursor_path, ask("SELECT change FROM store"));
    one_day(1);
    assert_true(oldest_days("sequence_gaps") < DAYS_KEPT + 2);
    unlink(cursor_path);
    close_all();
}

/* An older copy of the database took its place: nobody has copied the changes that it will have. */
static void a_cursor_ahead_of_the_database_spares_all(void **state)
{
    char cursor_path[160];

    (void)state;
    now_ns = START_NS;
    open_all("tc", UINT64_C(1) << 40);
    snprintf(cursor_path, sizeof(cursor_path), "%s.ship-test", path);
    write_cursor(cursor_path, 1000000);
    for (int day = 0; day < DAYS_KEPT + 5; day++)
        one_day(1000 + (uint32_t)day * FLOWS);
    assert_int_equal((int)oldest_days("sequence_gaps"), DAYS_KEPT + 4);
    unlink(cursor_path);
    close_all();
}

/* A channel that lasts for years, with a new SA every hour. */
static void ended_sas_go_and_their_flow_stays(void **state)
{
    (void)state;
    open_all("tc", UINT64_C(1) << 40);
    receive(1000, 1);
    flush();
    assert_int_equal(
        database_run(writer.database,
                     "CREATE TEMP TABLE copy AS SELECT * FROM sas; "
                     "UPDATE copy SET id = NULL, generation = generation + 1, ended = 1; "
                     "INSERT INTO sas SELECT * FROM copy",
                     &error),
        0);
    now_ns += (DAYS_KEPT + 1) * DAY_NS;
    receive(1000, 2);
    flush();
    while (retention_run(&retention, LONG_NS))
        ;
    assert_int_equal(ask("SELECT count(*) FROM sas"), 1);
    assert_int_equal(ask("SELECT ended FROM sas"), 0);
    assert_int_equal(ask("SELECT packets_received FROM flows"), 2);
    close_all();
}

/* A capture of old files is as old as the capture, not as its frames. */
static void old_files_are_not_old_captures(void **state)
{
    (void)state;
    now_ns = START_NS - 1000 * DAY_NS; /* time of the frames */
    open_all("file", UINT64_C(1) << 40);
    for (int i = 0; i < 100; i++) {
        now_ns += FLUSH_SECONDS * NS_PER_SECOND;
        sequence += WINDOW_DEFAULT;
        receive(1000, sequence);
        if (i == 99)
            now_ns = START_NS;
        flush();
    }
    while (retention_run(&retention, LONG_NS))
        ;
    /* The last capture was made at START_NS; its loss is at the times of its frames. */
    assert_true(ask("SELECT count(*) FROM capture_intervals") == 101);
    assert_true(ask("SELECT count(*) FROM sequence_gaps") > 90);
    assert_int_equal(writer_end(&writer, &error), 0);
    close_all();

    open_all("tc", UINT64_C(1) << 40);
    now_ns += (DAYS_KEPT - 1) * DAY_NS;
    while (retention_run(&retention, LONG_NS))
        ;
    assert_int_equal(ask("SELECT count(*) FROM captures"), 2);
    assert_true(ask("SELECT count(*) FROM sequence_gaps") > 90);
    now_ns += 2 * DAY_NS;
    while (retention_run(&retention, LONG_NS))
        ;
    assert_int_equal(ask("SELECT count(*) FROM captures"), 1);
    assert_int_equal(ask("SELECT count(*) FROM flows"), 0);
    close_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_year_stays_within_bounds, begin, end),
        cmocka_unit_test_setup_teardown(the_size_is_kept, begin, end),
        cmocka_unit_test_setup_teardown(what_was_not_shipped_stays_while_there_is_room, begin, end),
        cmocka_unit_test_setup_teardown(what_was_shipped_goes_first, begin, end),
        cmocka_unit_test_setup_teardown(a_number_of_flows_is_shipped_again, begin, end),
        cmocka_unit_test_setup_teardown(a_clock_ahead_spares_what_was_not_shipped, begin, end),
        cmocka_unit_test_setup_teardown(a_cursor_ahead_of_the_database_spares_all, begin, end),
        cmocka_unit_test_setup_teardown(ended_sas_go_and_their_flow_stays, begin, end),
        cmocka_unit_test_setup_teardown(old_files_are_not_old_captures, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
