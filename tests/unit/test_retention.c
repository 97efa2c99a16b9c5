/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "aging.h"

static int64_t file_bytes(void)
{
    return ask("PRAGMA page_count") * ask("PRAGMA page_size");
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
        cmocka_unit_test_setup_teardown(a_year_stays_within_bounds, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(the_size_is_kept, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(ended_sas_go_and_their_flow_stays, folder_make,
                                        folder_remove),
        cmocka_unit_test_setup_teardown(old_files_are_not_old_captures, folder_make, folder_remove),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
