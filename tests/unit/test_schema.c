/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/database/schema.h"

#include <string.h>

#include "unit.h"

static sqlite3 *database;
static struct error error;

static void begin(const char *sql)
{
    assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
}

static int ask(const char *sql)
{
    sqlite3_stmt *statement;
    int value;

    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    value = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

/* The versions of a made-up schema. Rows of the oldest survive in the newest. */
static const struct migration steps[] = {
    {3, "ALTER TABLE things ADD COLUMN weight INTEGER NOT NULL DEFAULT 7; PRAGMA user_version = 4"},
    {4, "ALTER TABLE things RENAME TO objects; PRAGMA user_version = 5"},
};

static void every_step_is_taken_in_turn(void **state)
{
    (void)state;
    begin("CREATE TABLE things (name TEXT); INSERT INTO things VALUES ('one');"
          "PRAGMA user_version = 3; BEGIN");
    assert_int_equal(schema_migrate(database, 3, 5, steps, 2, &error), 0);
    assert_int_equal(sqlite3_exec(database, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ask("PRAGMA user_version"), 5);
    assert_int_equal(ask("SELECT weight FROM objects WHERE name = 'one'"), 7);
    sqlite3_close(database);
}

static void the_newest_needs_no_step(void **state)
{
    (void)state;
    begin("PRAGMA user_version = 5");
    assert_int_equal(schema_migrate(database, 5, 5, steps, 2, &error), 0);
    sqlite3_close(database);
}

static void without_a_way_nothing_is_migrated(void **state)
{
    (void)state;
    begin("PRAGMA user_version = 2");
    assert_int_equal(schema_migrate(database, 2, 5, steps, 2, &error), -1);
    assert_non_null(strstr(error.text, "schema version 2 is too old"));
    sqlite3_close(database);
}

/* The caller rolls back, and the database is unchanged. */
static void a_step_that_fails_is_said(void **state)
{
    (void)state;
    begin("CREATE TABLE things (name TEXT); CREATE TABLE objects (name TEXT);"
          "PRAGMA user_version = 3; BEGIN");
    assert_int_equal(schema_migrate(database, 3, 5, steps, 2, &error), -1);
    assert_non_null(strstr(error.text, "cannot migrate schema version 4"));
    assert_int_equal(sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ask("PRAGMA user_version"), 3);
    assert_int_equal(ask("SELECT count(*) FROM pragma_table_info('things')"), 1);
    sqlite3_close(database);
}

static void the_text_makes_the_version_that_it_is_said_to_be(void **state)
{
    (void)state;
    begin(schema_sql);
    assert_int_equal(ask("PRAGMA user_version"), SCHEMA_VERSION);
    assert_int_equal(ask("PRAGMA application_id"), SCHEMA_APPLICATION);
    for (size_t i = 0; i < schema_migration_count; i++)
        assert_true(schema_migrations[i].from < SCHEMA_VERSION);
    sqlite3_close(database);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_is_taken_in_turn),
        cmocka_unit_test(the_newest_needs_no_step),
        cmocka_unit_test(without_a_way_nothing_is_migrated),
        cmocka_unit_test(a_step_that_fails_is_said),
        cmocka_unit_test(the_text_makes_the_version_that_it_is_said_to_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
