/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* No query holds up others for long. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/database/reader.h"
#include "api/routes/request/budget.h"
#include "base/monotonic.h"
#include "store/database/schema.h"
#include "unit.h"

#define SECONDS(number) ((uint64_t)(number)*NS_PER_SECOND)

static void a_query_without_end_is_stopped(void **state)
{
    char path[] = "/tmp/gapwatch-test-XXXXXX";
    struct reader reader;
    struct query query;
    struct error error;
    sqlite3 *database;

    (void)state;
    close(mkstemp(path));
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, schema_sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    reader_init(&reader, path);
    assert_int_equal(reader_begin(&reader, monotonic_ns() + NS_PER_SECOND / 100, &error), 0);
    query_init(&query);
    query_add(&query, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                      "SELECT count(*) FROM n");
    assert_int_equal(reader_next(&reader, reader_select(&reader, &query)), 0);
    assert_true(reader_is_late(&reader));
    assert_int_equal(reader_end(&reader, &error), -1);

    /* The next one is not affected. */
    assert_int_equal(reader_begin(&reader, monotonic_ns() + SECONDS(60), &error), 0);
    query_init(&query);
    query_add(&query, "SELECT 1");
    assert_int_equal(reader_count(&reader, &query), 1);
    assert_false(reader_is_late(&reader));
    assert_int_equal(reader_end(&reader, &error), 0);
    reader_release(&reader);
    unlink(path);
}

static void many_slow_queries_get_less_time(void **state)
{
    struct budget budget = {0};
    uint64_t now_ns = SECONDS(1000), waited_ns = 0;

    (void)state;
    for (int i = 0; i < 8; i++) { /* eight clients, one after the other, each uses all it gets */
        uint64_t length_ns = budget_length(&budget, now_ns, 0);

        assert_true(length_ns > 0);
        budget_spend(&budget, now_ns, now_ns + length_ns);
        now_ns += length_ns;
        waited_ns += length_ns;
    }
    assert_true(waited_ns < SECONDS(3));
    assert_true(budget_length(&budget, now_ns, 1) > SECONDS(1)); /* what comes first is not cut */
}

static void time_that_passes_gives_it_back(void **state)
{
    struct budget budget = {0};
    uint64_t whole_ns = budget_length(&budget, SECONDS(1000), 0);

    (void)state;
    budget_spend(&budget, SECONDS(1000), SECONDS(1000) + whole_ns);
    assert_true(budget_length(&budget, SECONDS(1000) + whole_ns, 0) < whole_ns / 4);
    assert_true(budget_length(&budget, SECONDS(1010), 0) == whole_ns);
}

/* A query is said to have taken 2 s only if it had about that. */
static void the_reason_is_true(void **state)
{
    struct budget budget = {0};
    uint64_t whole_ns = budget_length(&budget, SECONDS(1000), 0);

    (void)state;
    assert_non_null(strstr(budget_words(&budget), "2 seconds"));
    budget_spend(&budget, SECONDS(1000), SECONDS(1000) + whole_ns / 2);
    budget_length(&budget, SECONDS(1000) + whole_ns / 2, 0);
    assert_non_null(strstr(budget_words(&budget), "slow queries before it"));
    budget_length(&budget, SECONDS(1000) + whole_ns / 2, 1);
    assert_non_null(strstr(budget_words(&budget), "2 seconds"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_without_end_is_stopped),
        cmocka_unit_test(many_slow_queries_get_less_time),
        cmocka_unit_test(time_that_passes_gives_it_back),
        cmocka_unit_test(the_reason_is_true),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
