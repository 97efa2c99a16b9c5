/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The tables of sums have what GROUP BY gives. */
#include <string.h>

#include "api/routes/flows/sums.h"
#include "store/database/schema.h"
#include "unit.h"

#define ARGUMENTS "(1, '2025-01-01T00:01', '2025-01-01T00:09')"

/* Two captures of ten intervals, each with another part of 3,000 flows; one in five lost some. */
#define ROWS                                                                                       \
    "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19) "               \
    "INSERT INTO capture_intervals (id, capture_id, timestamp, duration_seconds, packets, bytes, " \
    "lost) SELECT 1 + i, 1 + i % 2, printf('2025-01-01T00:%02d:00.000000000Z', i / 2), 60, 0, 0, " \
    "0 FROM n;"                                                                                    \
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "             \
    "INSERT INTO interval_flows (interval, flow, packets, bytes, lost, lost_undetermined, "        \
    "numbered_packets) SELECT id, i * 4096, i, 64 * i, iif(i % 5, 0, i), iif(i % 3, NULL, 1), i "  \
    "FROM capture_intervals CROSS JOIN n WHERE (i + id) % 4;"

#define GROUPED                                                                                    \
    "SELECT flow, sum(packets), sum(bytes), sum(lost), coalesce(sum(lost_undetermined), 0) FROM "  \
    "interval_flows WHERE interval IN (SELECT id FROM capture_intervals WHERE capture_id = 1 "     \
    "AND timestamp >= '2025-01-01T00:01' AND timestamp < '2025-01-01T00:09') GROUP BY flow"

static sqlite3 *database;

static void run(const char *sql)
{
    char *message = NULL;

    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
}

static int64_t ask(const char *sql)
{
    sqlite3_stmt *statement;
    int64_t number;

    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

static int begin(void **state)
{
    (void)state;
    if (sqlite3_open(":memory:", &database) != SQLITE_OK || sums_register(database) != SQLITE_OK)
        return -1;
    run(schema_sql);
    run("PRAGMA foreign_keys = off");
    run(ROWS);
    return 0;
}

static int end(void **state)
{
    (void)state;
    return sqlite3_close(database); /* fails when a statement was left open */
}

static void sums_are_those_of_group_by(void **state)
{
    (void)state;
    assert_int_equal(ask("SELECT count(*) FROM " FLOW_SUMS ARGUMENTS), 3000);
    assert_int_equal(
        ask("SELECT count(*) FROM (SELECT * FROM " FLOW_SUMS ARGUMENTS " EXCEPT " GROUPED ")"), 0);
}

static void losses_are_those_of_flows_that_lost(void **state)
{
    (void)state;
    assert_int_equal(ask("SELECT count(*) FROM " FLOW_LOSSES ARGUMENTS),
                     ask("SELECT count(*) FROM (" GROUPED ") WHERE flow / 4096 % 5 = 0 OR flow / "
                         "4096 % 3 = 0"));
    assert_int_equal(
        ask("SELECT count(*) FROM (SELECT flow, lost, undetermined FROM " FLOW_LOSSES ARGUMENTS
            " EXCEPT SELECT flow, lost, undetermined FROM " FLOW_SUMS ARGUMENTS ")"),
        0);
}

static void each_capture_has_its_own(void **state)
{
    (void)state;
    assert_int_equal(
        ask("SELECT count(*) FROM (VALUES (1), (2), (3)) AS whole CROSS JOIN " FLOW_SUMS
            "(whole.column1, '', '9') AS part"),
        6000);
    assert_int_equal(ask("SELECT count(*) FROM " FLOW_SUMS "(1, '9', '')"), 0);
}

static void a_sum_beyond_64_bits_stays_at_the_limit(void **state)
{
    (void)state;
    run("UPDATE interval_flows SET bytes = 9223372036854775807 WHERE flow = 4096");
    assert_true(ask("SELECT bytes FROM " FLOW_SUMS ARGUMENTS " WHERE flow = 4096") == INT64_MAX);
}

static int stop(void *data)
{
    (void)data;
    return 1;
}

static void a_sum_can_be_stopped(void **state)
{
    sqlite3_stmt *statement;

    (void)state;
    assert_int_equal(
        sqlite3_prepare_v2(database, "SELECT * FROM " FLOW_SUMS ARGUMENTS, -1, &statement, NULL),
        SQLITE_OK);
    sqlite3_progress_handler(database, 1000, stop, NULL);
    assert_int_equal(sqlite3_step(statement), SQLITE_INTERRUPT);
    sqlite3_progress_handler(database, 0, NULL, NULL);
    sqlite3_finalize(statement);
}

static void it_needs_its_arguments(void **state)
{
    sqlite3_stmt *statement;

    (void)state;
    assert_int_not_equal(
        sqlite3_prepare_v2(database, "SELECT * FROM " FLOW_SUMS, -1, &statement, NULL), SQLITE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sums_are_those_of_group_by, begin, end),
        cmocka_unit_test_setup_teardown(losses_are_those_of_flows_that_lost, begin, end),
        cmocka_unit_test_setup_teardown(each_capture_has_its_own, begin, end),
        cmocka_unit_test_setup_teardown(a_sum_beyond_64_bits_stays_at_the_limit, begin, end),
        cmocka_unit_test_setup_teardown(a_sum_can_be_stopped, begin, end),
        cmocka_unit_test_setup_teardown(it_needs_its_arguments, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
