/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/flow_row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "store/database/database.h"
#include "store/database/schema.h"
#include "track/flows/timing.h"
#include "track/tracker.h"
#include "unit.h"

#define ID "IPsec { spi: 0x00001000, dst: 192.0.2.1, src: 192.0.2.2 }"
#define CAPTURE                                                                                    \
    "INSERT INTO captures (source, method, version, window, started, updated) "                    \
    "VALUES ('eth0', 'tc', '0', 32, '', '')"

static sqlite3 *database;
static int64_t number;

static int begin(void **state)
{
    struct error error;

    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
    assert_int_equal(database_number_changes(database, &number, &error), 0);
    return database_run(database, schema_sql, &error) < 0 ? -1
                                                          : database_run(database, CAPTURE, &error);
}

static int end(void **state)
{
    (void)state;
    return sqlite3_close(database);
}

static sqlite3_stmt *prepare(const char *sql)
{
    struct error error;
    sqlite3_stmt *statement = database_prepare(database, sql, &error);

    assert_non_null(statement);
    return statement;
}

/* Returns ROW after it was written and read again. */
static struct flow_row through_the_database(struct flow_row *row)
{
    sqlite3_stmt *insert = prepare(flow_row_insert);
    sqlite3_stmt *select = prepare(flow_row_select);
    struct flow_row read;
    struct error error;
    int place;

    row->id = ID;
    row->peers = &(struct peers){.source = "192.0.2.2", .destination = "192.0.2.1"};
    row->flow.key.protocol = OUTCOME_ESP;
    place = flow_row_bind_keys(insert, flow_row_bind(insert, row), row);
    sqlite3_bind_int64(insert, place, 1);
    assert_int_equal(statement_run(insert, &error), 0);
    sqlite3_bind_int64(select, 1, 1);
    statement_bind_text(select, 2, ID);
    assert_int_equal(sqlite3_step(select), SQLITE_ROW);
    assert_true(flow_row_read(select, &read) > 0);
    sqlite3_finalize(insert);
    sqlite3_finalize(select);
    assert_int_equal(database_run(database, "DELETE FROM flows", &error), 0);
    row->id = NULL; /* keys are not read */
    row->peers = NULL;
    row->flow.key.protocol = OUTCOME_NONE;
    return read;
}

static struct flow_row some_row(void)
{
    return (struct flow_row){
        .flow = {.packets = 1001,
                 .bytes = 123456789,
                 .first_sequence = 5,
                 .timing = {.last_ns = UINT64_C(1735689601234567891)},
                 .outliers = 6,
                 .unobserved = 8,
                 .first_ns = UINT64_C(1735689600000000001),
                 .restarts = 2,
                 .rekeys = 3},
        .figures = {.received = 991,
                    .lost = {9, 7},
                    .gaps = 4,
                    .duplicates = 3,
                    .reordered = 2,
                    .late = 1,
                    .skipped = 100000,
                    .min_gap = 1,
                    .max_gap = 5,
                    .max_reorder_distance = 17,
                    .wraparounds = 1},
        .last_sequence = 4000000000u,
        .has_sequence = 1,
    };
}

static void figures_come_back_as_they_were(void **state)
{
    struct flow_row row = some_row();
    struct flow_row read;

    (void)state;
    row.flow.timing = (struct timing){.last_ns = row.flow.timing.last_ns,
                                      .sum_ns = 1234567890,
                                      .squares = wide_product(1234567890, 2000000),
                                      .min_ns = 17,
                                      .max_ns = 99999999};
    read = through_the_database(&row);
    assert_true(timing_mean(&read.flow.timing, 1000) == timing_mean(&row.flow.timing, 1000));
    assert_true(
        fabs(timing_deviation(&read.flow.timing, 1000) / timing_deviation(&row.flow.timing, 1000) -
             1) < 1e-9);
    read.flow.timing.squares = row.flow.timing.squares;
    assert_memory_equal(&read, &row, sizeof(row));
}

/* Frames at an even rate: mean and deviation are so far apart that floating-point sums of squares
 * would lose the deviation. */
static void a_small_deviation_survives(void **state)
{
    struct flow_row row = some_row();
    struct flow_row read;
    uint64_t now_ns = row.flow.first_ns;

    (void)state;
    timing_begin(&row.flow.timing, now_ns);
    for (int i = 0; i < 1000; i++)
        timing_add(&row.flow.timing, now_ns += NS_PER_SECOND + (i % 2));
    assert_true(timing_deviation(&row.flow.timing, 1000) == 0.5);
    read = through_the_database(&row);
    assert_true(fabs(timing_deviation(&read.flow.timing, 1000) - 0.5) < 1e-3);
}

static void a_single_packet_has_no_intervals(void **state)
{
    struct flow_row row = {.flow = {.packets = 1, .first_ns = 5, .timing = {.last_ns = 5}}};
    struct flow_row read;

    (void)state;
    read = through_the_database(&row);
    assert_false(read.has_sequence);
    assert_int_equal(read.flow.timing.sum_ns, 0);
    assert_int_equal(read.flow.timing.min_ns, UINT64_MAX);
}

/* --- continuing --- */

static struct tracker tracker;

static void receive(uint64_t now_ns, uint32_t bytes, uint32_t sequence)
{
    struct frame_record record = {
        .key = {.protocol = OUTCOME_ESP, .family = 4, .spi = 1000},
        .sequence = sequence,
        .timestamp_ns = now_ns,
        .wire_bytes = bytes,
        .wire_packets = 1,
    };

    tracker_receive(&tracker, &record, 1, NULL);
}

static struct flow_row only_flow(void)
{
    uint32_t handle = flow_table_oldest(&tracker.table);
    struct flow *flow = flow_table_at(&tracker.table, handle);
    struct flow_change change = {.flow = *flow, .has_sequence = 1};

    change.last_sequence = sequence_last(&tracker.sequencer, flow);
    return flow_row_of(&change);
}

/* A stream of random frames, tracked as a whole, and in two parts with the flow forgotten in
 * between. */
static void a_flow_that_comes_back_goes_on_as_if_never_forgotten(void **state)
{
    enum { FRAMES = 1000 };
    static uint64_t times[FRAMES];
    struct flow_row whole, before, after;

    (void)state;
    srand(7);
    for (int i = 0; i < FRAMES; i++)
        times[i] = (i ? times[i - 1] : NS_PER_SECOND) + (uint64_t)(rand() % 5000000);
    for (int cut = 1; cut < FRAMES; cut += 83) {
        const int parts[3][2] = {{0, FRAMES}, {0, cut}, {cut, FRAMES}};
        struct flow_row *rows[3] = {&whole, &before, &after};

        for (int part = 0; part < 3; part++) {
            assert_int_equal(tracker_init(&tracker, WINDOW_DEFAULT, 1), 0);
            for (int i = parts[part][0]; i < parts[part][1]; i++)
                receive(times[i], 100 + (uint32_t)i, 1 + (uint32_t)i);
            *rows[part] = only_flow();
            tracker_release(&tracker);
        }
        before = through_the_database(&before);
        flow_row_continue(&after, &before);
        assert_int_equal(after.flow.packets, whole.flow.packets);
        assert_int_equal(after.flow.bytes, whole.flow.bytes);
        assert_int_equal(after.flow.first_ns, whole.flow.first_ns);
        assert_int_equal(after.flow.timing.last_ns, whole.flow.timing.last_ns);
        assert_int_equal(after.flow.timing.sum_ns, whole.flow.timing.sum_ns);
        assert_int_equal(after.flow.timing.min_ns, whole.flow.timing.min_ns);
        assert_int_equal(after.flow.timing.max_ns, whole.flow.timing.max_ns);
        assert_int_equal(after.flow.first_sequence, 1);
        assert_int_equal(after.last_sequence, FRAMES);
        assert_true(fabs(timing_deviation(&after.flow.timing, FRAMES - 1) /
                             timing_deviation(&whole.flow.timing, FRAMES - 1) -
                         1) < 1e-6);
    }
}

static void counts_add_up_and_extremes_are_kept(void **state)
{
    struct flow_row now = some_row();
    struct flow_row earlier = some_row();

    (void)state;
    earlier.figures.min_gap = 0; /* none */
    earlier.figures.max_gap = 0;
    earlier.figures.max_reorder_distance = 30;
    earlier.flow.first_sequence = 77;
    flow_row_continue(&now, &earlier);
    assert_int_equal(now.figures.lost[CAUSE_NETWORK], 18);
    assert_int_equal(now.figures.late, 2);
    assert_int_equal(now.flow.unobserved, 16);
    assert_int_equal(now.figures.min_gap, 1);
    assert_int_equal(now.figures.max_gap, 5);
    assert_int_equal(now.figures.max_reorder_distance, 30);
    assert_int_equal(now.flow.rekeys, 6);
    assert_int_equal(now.flow.first_sequence, 77);
    assert_int_equal(now.last_sequence, 4000000000u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_come_back_as_they_were),
        cmocka_unit_test(a_small_deviation_survives),
        cmocka_unit_test(a_single_packet_has_no_intervals),
        cmocka_unit_test(a_flow_that_comes_back_goes_on_as_if_never_forgotten),
        cmocka_unit_test(counts_add_up_and_extremes_are_kept),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
