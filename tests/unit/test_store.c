/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/store.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "folder.h"

#define START_NS (UINT64_C(1735689600) * NS_PER_SECOND)

enum { SHARDS = 3 };

static struct store *store;
static struct tracker trackers[SHARDS];
static struct source_statistics statistics[SHARDS];
static sqlite3 *reader;
static struct error error;

static int begin(void **state)
{
    memset(statistics, 0, sizeof(statistics));
    return folder_make(state);
}

static int end(void **state)
{
    sqlite3_close(reader);
    reader = NULL;
    return folder_remove(state);
}

/* The last message of the store, which may have several lines. */
static pthread_mutex_t told_lock = PTHREAD_MUTEX_INITIALIZER;
static struct error told;
static int times_told;

static void note(const struct error *news)
{
    pthread_mutex_lock(&told_lock);
    told = *news;
    times_told++;
    pthread_mutex_unlock(&told_lock);
}

static int has_told(const char *words)
{
    int has;

    pthread_mutex_lock(&told_lock);
    has = strstr(told.text, words) != NULL;
    pthread_mutex_unlock(&told_lock);
    return has;
}

/* Without it, retention would remove the frames as too old. */
static uint64_t clock_of_the_frames(void)
{
    return START_NS;
}

static void open_store(unsigned shards, uint32_t max_flows)
{
    struct store_options options = {
        .path = path,
        .source = "test",
        .method = "tc",
        .window = WINDOW_DEFAULT,
        .shards = shards,
        .flush_seconds = 5,
        .retain_days = STORE_RETAIN_DAYS,
        .max_bytes = STORE_MAX_BYTES,
        .clock = clock_of_the_frames,
        .tell = note,
    };

    told.text[0] = '\0';
    times_told = 0;
    store = store_open(&options, &error);
    assert_non_null(store);
    for (unsigned i = 0; i < shards; i++) {
        assert_int_equal(tracker_init(&trackers[i], WINDOW_DEFAULT, max_flows), 0);
        tracker_keep_changes(&trackers[i]);
    }
    assert_int_equal(sqlite3_open(path, &reader), SQLITE_OK);
}

static void receive(unsigned shard, uint32_t spi, uint32_t sequence, uint64_t now_ns)
{
    struct frame_record record = {
        .key = {.protocol = OUTCOME_ESP, .family = 4, .spi = spi},
        .sequence = sequence,
        .timestamp_ns = now_ns,
        .wire_bytes = 100,
        .wire_packets = 1,
    };

    tracker_receive(&trackers[shard], &record, 1, NULL);
    statistics[shard].frames++;
    statistics[shard].outcomes[OUTCOME_ESP]++;
}

static void collect(unsigned shard, uint64_t now_ns)
{
    store_collect(store, shard, &trackers[shard], &statistics[shard], now_ns);
}

static void finish(unsigned shards, uint64_t now_ns)
{
    for (unsigned i = 0; i < shards; i++) {
        tracker_finish(&trackers[i]);
        store_finish(store, i, &trackers[i], &statistics[i], now_ns);
    }
    assert_int_equal(store_close(store, &error), 0);
    for (unsigned i = 0; i < shards; i++)
        tracker_release(&trackers[i]);
}

static int64_t ask(const char *sql)
{
    sqlite3_stmt *statement;
    int64_t value;

    assert_int_equal(sqlite3_prepare_v2(reader, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

/* Each worker has its own flows, with the same handles. */
static void shards_feed_one_capture(void **state)
{
    (void)state;
    open_store(SHARDS, 100);
    for (uint32_t round = 0; round < 3; round++) {
        for (unsigned shard = 0; shard < SHARDS; shard++) {
            for (uint32_t flow = 0; flow < 10; flow++)
                receive(shard, 1000 * (shard + 1) + flow, 1 + 2 * round, START_NS + round);
            collect(shard, START_NS + NS_PER_SECOND);
        }
    }
    finish(SHARDS, START_NS + NS_PER_SECOND);
    assert_int_equal(ask("SELECT count(*) FROM captures WHERE ended IS NOT NULL"), 1);
    assert_int_equal(ask("SELECT count(*) FROM flows"), 30);
    assert_int_equal(ask("SELECT count(*) FROM flows WHERE packets_received != 3"), 0);
    assert_int_equal(ask("SELECT count(*) FROM flows WHERE total_lost_packets != 2"), 0);
    assert_int_equal(ask("SELECT count(*) FROM sequence_gaps"), 60);
    assert_int_equal(ask("SELECT packets FROM captures"), 90);
    assert_int_equal(ask("SELECT total_packets_received FROM captures"), 90);
    assert_int_equal(ask("SELECT total_lost_packets FROM captures"), 60);
    assert_int_equal(ask("SELECT lost_network FROM captures"), 60);
    assert_int_equal(ask("SELECT packets FROM capture_counters WHERE counter = 'esp'"), 90);
    assert_int_equal(ask("SELECT flows FROM capture_counters WHERE counter = 'esp'"), 30);
    assert_int_equal(ask("SELECT count(*) FROM capture_intervals"), 1);
    assert_int_equal(ask("SELECT packets FROM capture_intervals"), 90);
    assert_int_equal(ask("SELECT count(*) FROM flow_intervals WHERE packets != 3 OR lost != 2"), 0);
}

/* A table for one flow, and two flows in turn: each leaves and comes back all the time. */
static void a_flow_that_comes_back_continues_its_row(void **state)
{
    enum { TURNS = 50 };

    (void)state;
    open_store(1, 1);
    for (uint32_t i = 0; i < TURNS; i++) {
        receive(0, 1000, 1 + i, START_NS + 2 * i * NS_PER_SECOND);
        if (i % 3 == 0)
            collect(0, START_NS + 2 * i * NS_PER_SECOND);
        receive(0, 2000, 1 + i, START_NS + (2 * i + 1) * NS_PER_SECOND);
        if (i % 7 == 0)
            collect(0, START_NS + 2 * i * NS_PER_SECOND);
    }
    finish(1, START_NS + 2 * TURNS * NS_PER_SECOND);
    assert_int_equal(ask("SELECT count(*) FROM flows"), 2);
    assert_int_equal(ask("SELECT total_flows FROM captures"), 2);
    assert_int_equal(ask("SELECT count(*) FROM flows WHERE packets_received = 50 AND "
                         "total_bytes = 5000 AND first_sequence = 1 AND last_sequence = 50 AND "
                         "duration_seconds = 98 AND min_inter_arrival_ms = 2000 AND "
                         "max_inter_arrival_ms = 2000 AND avg_inter_arrival_ms = 2000 AND "
                         "stddev_inter_arrival_ms = 0"),
                     2);
    assert_int_equal(ask("SELECT sum(packets) FROM flow_intervals"), 2 * TURNS);
    assert_int_equal(ask("SELECT total_packets_received FROM captures"), 2 * TURNS);
}

static void it_is_due_when_the_interval_is_over_or_much_waits(void **state)
{
    uint64_t now_ns = START_NS;

    (void)state;
    open_store(1, 100);
    assert_false(store_is_due(store, 0, &trackers[0], now_ns));
    receive(0, 1000, 1, now_ns);
    assert_false(store_is_due(store, 0, &trackers[0], now_ns + 5 * NS_PER_SECOND - 1));
    assert_true(store_is_due(store, 0, &trackers[0], now_ns + 5 * NS_PER_SECOND));
    collect(0, now_ns + 5 * NS_PER_SECOND);
    assert_false(store_is_due(store, 0, &trackers[0], now_ns + 5 * NS_PER_SECOND));
    for (uint32_t i = 1; i < 10000 + WINDOW_DEFAULT; i++)
        receive(0, 1000, 1 + 2 * i, now_ns);
    assert_true(store_is_due(store, 0, &trackers[0], now_ns + 5 * NS_PER_SECOND));
    finish(1, now_ns);
}

/* Another program holds the write lock: capturing goes on, and nothing is lost. */
static void a_lock_holds_up_the_writer_alone(void **state)
{
    (void)state;
    open_store(1, 100);
    assert_int_equal(sqlite3_exec(reader, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    for (uint32_t i = 0; !has_told("locked"); i++) {
        uint64_t now_ns = START_NS + i * NS_PER_SECOND / 10;

        receive(0, 1000, 1 + 2 * i, now_ns);
        if (store_is_due(store, 0, &trackers[0], now_ns))
            collect(0, now_ns);
        usleep(1000);
    }
    assert_int_equal(sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    finish(1, START_NS + 3600 * NS_PER_SECOND);
    assert_true(has_told("written again"));
    assert_int_equal(times_told, 2);
    assert_int_equal(ask("SELECT total_packets_received FROM captures"), statistics[0].frames);
    assert_int_equal(ask("SELECT total_lost_packets FROM captures"), statistics[0].frames - 1);
    assert_int_equal(ask("SELECT count(*) FROM sequence_gaps"), statistics[0].frames - 1);
}

/* Very many gaps while nothing can be written: what waits is bounded, the rest is counted. */
static void a_flood_of_gaps_is_counted(void **state)
{
    enum { FRAMES = 2400000 };

    (void)state;
    open_store(1, 100);
    assert_int_equal(sqlite3_exec(reader, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    for (uint32_t i = 0; i < FRAMES; i++) {
        uint64_t now_ns = START_NS + i * 50000;

        receive(0, 1000, 1 + 2 * i, now_ns);
        if (i % 4096 == 0 && store_is_due(store, 0, &trackers[0], now_ns))
            collect(0, now_ns);
    }
    assert_int_equal(trackers[0].changes.waiting.gaps.count, CHANGES_GAPS_MAX);
    assert_int_equal(sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    finish(1, START_NS);
    assert_true(has_told("only counted"));
    assert_int_equal(ask("SELECT total_gaps_detected FROM captures"), FRAMES - 1);
    assert_int_equal(ask("SELECT total_lost_packets FROM captures"), FRAMES - 1);
    assert_int_equal(ask("SELECT lost_network FROM captures"), FRAMES - 1);
    assert_int_equal(ask("SELECT gaps_omitted + (SELECT count(*) FROM sequence_gaps) "
                         "FROM captures"),
                     FRAMES - 1);
    assert_true(ask("SELECT gaps_omitted FROM captures") > 0);
}

/* Waits until the queue has room for more of what waits. */
static void wait_until_due(void)
{
    for (int tries = 0; !store_is_due(store, 0, &trackers[0], START_NS); tries++) {
        assert_true(tries < 6000);
        usleep(10000);
    }
}

/* More flows than are collected at once: the indexes are dropped and made again meanwhile. */
static void many_flows_are_written_in_parts(void **state)
{
    enum { FLOWS = CHANGES_FLOWS_MAX + 20000 };

    (void)state;
    open_store(1, FLOWS);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < FLOWS; i++)
            receive(0, 1000 + i, 1 + 2 * round, START_NS + round);
        collect(0, START_NS);
        wait_until_due();
    }
    finish(1, START_NS);
    assert_int_equal(ask("SELECT count(*) FROM flows"), FLOWS);
    assert_int_equal(ask("SELECT total_flows FROM captures"), FLOWS);
    assert_int_equal(ask("SELECT count(*) FROM flows WHERE total_lost_packets != 1"), 0);
    assert_int_equal(ask("SELECT count(*) FROM sequence_gaps"), FLOWS);
    assert_int_equal(ask("SELECT count(*) FROM capture_intervals"), 1);
    assert_int_equal(ask("SELECT sum(packets) FROM interval_flows"), 2 * FLOWS);
    assert_int_equal(ask("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND "
                         "tbl_name = 'flows' AND sql IS NOT NULL"),
                     10);
}

/* Holds the database's write lock until let_go(). */
static sqlite3 *other;

static void lock(void)
{
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    sqlite3_busy_timeout(other, 60000); /* the writer may be at work */
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
}

static void let_go(void)
{
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
}

/* COUNT flows of ROUND, each with one frame. */
static void receive_many(uint32_t count, uint32_t round)
{
    for (uint32_t i = 0; i < count; i++)
        receive(0, 1000 + count * round + i, 1000 * round + 1, START_NS + 100 * round);
}

/* Collects what fits into the queue. */
static void collect_all(void)
{
    do
        collect(0, START_NS);
    while (store_is_due(store, 0, &trackers[0], START_NS));
}

/* Collects until COUNT flows are in the database. */
static void collect_until_stored(int64_t count)
{
    collect(0, START_NS);
    while (ask("SELECT total_flows FROM captures") < count) {
        if (store_is_due(store, 0, &trackers[0], START_NS))
            collect(0, START_NS);
        else
            usleep(10000);
    }
}

/* COUNT flows leave at once, and others get their handles. IS_LOCKED: another program holds the
 * database's lock while they leave and while the others come. */
static void many_leave_at_once(int64_t count, int is_locked)
{
    int64_t omitted = count > CHANGES_LEAVING_MAX ? count - CHANGES_LEAVING_MAX : 0;

    open_store(1, (uint32_t)count);
    receive_many((uint32_t)count, 0);
    collect_until_stored(count);
    if (is_locked)
        lock();
    tracker_expire_idle(&trackers[0], START_NS + 50);
    receive_many((uint32_t)count, 1);
    collect_all();
    if (is_locked)
        let_go();
    finish(1, START_NS);
    assert_int_equal(ask("SELECT count(*) FROM flows"), 2 * count);
    assert_int_equal(ask("SELECT total_flows - (SELECT count(*) FROM flows) FROM captures"), 0);
    assert_int_equal(ask("SELECT flows_omitted FROM captures"), omitted);
    assert_int_equal(ask("SELECT count(*) FROM flows WHERE packets_received != 1"), 0);
    assert_int_equal(ask("SELECT count(*) FROM flows WHERE first_sequence != 1 + 1000 * "
                         "(first_timestamp > '2025-01-01T00:00:00.000000050Z')"),
                     0);
    assert_int_equal(ask("SELECT count(*) - (SELECT count(*) FROM flows) FROM sas"), 0);
    assert_int_equal(ask("SELECT sum(packets_received) - (SELECT total_packets_received FROM "
                         "captures) FROM flows"),
                     0);
    assert_true(!omitted || strstr(told.text, "flows"));
}

static void many_flows_that_go_at_once_are_not_taken_for_others(void **state)
{
    (void)state;
    many_leave_at_once(CHANGES_LEAVING_MAX + 5000, 0);
}

static void nor_while_the_database_is_locked(void **state)
{
    (void)state;
    many_leave_at_once(CHANGES_LEAVING_MAX + 5000, 1);
}

static void skip_what_is_long(void)
{
    if (!getenv("GAPWATCH_LONG")) {
        print_message("it runs with GAPWATCH_LONG=1 only\n");
        skip();
    }
}

static void nor_a_million(void **state)
{
    (void)state;
    skip_what_is_long();
    many_leave_at_once(1000000, 0);
}

static void nor_a_million_while_the_database_is_locked(void **state)
{
    (void)state;
    skip_what_is_long();
    many_leave_at_once(1000000, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shards_feed_one_capture, begin, end),
        cmocka_unit_test_setup_teardown(a_flow_that_comes_back_continues_its_row, begin, end),
        cmocka_unit_test_setup_teardown(it_is_due_when_the_interval_is_over_or_much_waits, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_lock_holds_up_the_writer_alone, begin, end),
        cmocka_unit_test_setup_teardown(a_flood_of_gaps_is_counted, begin, end),
        cmocka_unit_test_setup_teardown(many_flows_are_written_in_parts, begin, end),
        cmocka_unit_test_setup_teardown(many_flows_that_go_at_once_are_not_taken_for_others, begin,
                                        end),
        cmocka_unit_test_setup_teardown(nor_while_the_database_is_locked, begin, end),
        cmocka_unit_test_setup_teardown(nor_a_million, begin, end),
        cmocka_unit_test_setup_teardown(nor_a_million_while_the_database_is_locked, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
