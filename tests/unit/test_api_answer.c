/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* From a path to an answer, with a database made here, so that the sanitizers see it all. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/routes/api.h"
#include "store/database/schema.h"
#include "unit.h"

static const char *const rows =
    "INSERT INTO captures (source, method, version, window, started, updated, total_flows)"
    " VALUES ('eth0', 'tc', '0', 32, '', '2025-03-01T12:00:00.000000000Z', 2);"
    "INSERT INTO capture_counters VALUES (1, 'macsec', 5, 1), (1, 'strange', 1, 0);"
    "INSERT INTO flows (capture_id, flow_id, protocol, implicit_sci, packets_received,"
    " total_bytes, gaps_detected, total_lost_packets, loss_ratio, unobserved_packets,"
    " duplicate_packets, reordered_packets, late_packets, outlier_packets, max_reorder_distance,"
    " wraparounds, restarts, rekeys, first_sequence, last_sequence, min_gap, max_gap,"
    " first_timestamp, last_timestamp, duration_seconds)"
    " SELECT 1, 'MACsec { sci: 0x' || substr('000000000000000' || value, -16) || ' }', 'macsec', 1,"
    " 5, 500, 1, 3, 0.375, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 8, 3, 3, 'a', 'b', 1.5"
    " FROM json_each('[1, 2]');"
    "INSERT INTO sequence_gaps (capture_id, flow_id, expected_sequence, received_sequence,"
    " gap_size, timestamp, duration_ms, cause, first_number, last_number)"
    " SELECT 1, flow_id, 2, 5, 3, '2025-03-01T12:00:01.000000000Z', 0.5, 'network', 2, 4"
    " FROM flows;"
    "INSERT INTO capture_intervals VALUES (1, 1, '2025-03-01T12:00:01.000000000Z', 5, 1, 2, 3, 0, "
    "1, 0);"
    "INSERT INTO interval_flows VALUES (1, 1, 1, 2, 3, 0, 1, 0);";

static char path[] = "/tmp/gapwatch-test-XXXXXX";
static struct api api;
static struct answer answer;

static int make_database(void **state)
{
    sqlite3 *database;

    (void)state;
    close(mkstemp(path));
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, schema_sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, rows, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    api_init(&api, path, 50);
    return 0;
}

static int remove_database(void **state)
{
    (void)state;
    answer_release(&answer);
    api_release(&api);
    return unlink(path);
}

static const char *ask(const char *where, const char *query)
{
    answer_release(&answer);
    answer_init(&answer);
    api_answer(&api, where, query, &answer);
    return answer.body;
}

static void each_route_answers(void **state)
{
    static const struct {
        const char *path, *words;
    } routes[] = {
        {"/health", "\"ok\""},
        {"/", "<html"},
        {"/api/v1/openapi.json", "\"openapi\""},
        {"/api/v1/stats/summary", "\"protocol_distribution\": {\"macsec\": 5, \"esp\": 0"},
        {"/api/v1/captures", "\"total\": 1, \"total_is_exact\": true"},
        {"/api/v1/flows", "\"total\": 2, \"total_is_exact\": true"},
        {"/api/v1/flows/MACsec%20%7B%20sci:%200x1%20%7D", "\"implicit_sci\": true"},
        {"/api/v1/flows/MACsec%20%7B%20sci:%200x1%20%7D/gaps", "\"gap_size\": 3"},
        {"/api/v1/flows/MACsec%20%7B%20sci:%200x1%20%7D/intervals", "\"lost\": 3"},
        {"/api/v1/gaps", "\"total\": 2, \"total_is_exact\": true"},
        {"/api/v1/intervals", "\"lost\": 3"},
        {"/metrics", "gapwatch_unfollowed_frames_total{interface=\"eth0\",method=\"tc\",reason="
                     "\"strange\"} 1\n"},
    };

    (void)state;
    for (int round = 0; round < 2; round++) /* the second answer comes from the cache */
        for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
            assert_non_null(strstr(ask(routes[i].path, NULL), routes[i].words));
            assert_int_equal(answer.status, HTTP_OK);
        }
}

static void filters_and_sorting_are_put_together(void **state)
{
    static const char *const queries[] = {
        "protocol=macsec&min_bytes=500&max_bytes=500&min_lost=3&sort=flow_id&order=desc",
        "min_lost=1&sort=total_bytes",
        "sort=bandwidth_mbps&order=asc",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
        assert_non_null(strstr(ask("/api/v1/flows", queries[i]),
                               "\"count\": 2, \"total\": 2, \"total_is_exact\": true"));
    assert_non_null(strstr(ask("/api/v1/flows", "min_bandwidth_mbps=0"),
                           "\"total\": 0, \"total_is_exact\": true"));
    assert_non_null(strstr(ask("/api/v1/intervals", "step=60&limit=1"), "T12:00:00.000000000Z"));
}

static void what_is_wrong_is_an_error(void **state)
{
    (void)state;
    ask("/api/v1/flows", "limit=x");
    assert_int_equal(answer.status, HTTP_BAD_REQUEST);
    ask("/api/v1/flows/%zz", NULL);
    assert_int_equal(answer.status, HTTP_BAD_REQUEST);
    ask("/api/v1/flows/none/gaps", NULL);
    assert_int_equal(answer.status, HTTP_NOT_FOUND);
    ask("/api/v1/flows", "capture=9");
    assert_int_equal(answer.status, HTTP_NOT_FOUND);
    ask("/nothing", NULL);
    assert_int_equal(answer.status, HTTP_NOT_FOUND);
}

static void a_database_that_goes_is_unavailable(void **state)
{
    char moved[sizeof(path) + 8];

    (void)state;
    snprintf(moved, sizeof(moved), "%s.moved", path);
    ask("/api/v1/flows", NULL);
    assert_int_equal(answer.status, HTTP_OK);
    assert_int_equal(rename(path, moved), 0);
    ask("/api/v1/flows", NULL);
    assert_int_equal(answer.status, HTTP_UNAVAILABLE);
    reader_tidy(&api.reader);
    assert_null(api.reader.handle);
    assert_int_equal(rename(moved, path), 0);
    ask("/api/v1/flows", NULL);
    assert_int_equal(answer.status, HTTP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_route_answers),
        cmocka_unit_test(filters_and_sorting_are_put_together),
        cmocka_unit_test(what_is_wrong_is_an_error),
        cmocka_unit_test(a_database_that_goes_is_unavailable),
    };

    return cmocka_run_group_tests(tests, make_database, remove_database);
}
