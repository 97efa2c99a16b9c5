/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Retention beside programs that copy the results elsewhere. */
#include "aging.h"
#include "store/database/ship_cursor.h"

static char news_text[sizeof(struct error)];

static void note(const struct error *news)
{
    snprintf(news_text, sizeof(news_text), "%s", news->text);
}

/* Writes the cursor of a target to which everything up to CHANGE was copied. */
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

static int64_t used_bytes(void)
{
    return (ask("PRAGMA page_count") - ask("PRAGMA freelist_count")) * ask("PRAGMA page_size");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_not_shipped_stays_while_there_is_room, folder_make,
                                        folder_remove),
        cmocka_unit_test_setup_teardown(what_was_shipped_goes_first, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(a_number_of_flows_is_shipped_again, folder_make,
                                        folder_remove),
        cmocka_unit_test_setup_teardown(a_clock_ahead_spares_what_was_not_shipped, folder_make,
                                        folder_remove),
        cmocka_unit_test_setup_teardown(a_cursor_ahead_of_the_database_spares_all, folder_make,
                                        folder_remove),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
