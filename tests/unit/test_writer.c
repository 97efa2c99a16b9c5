/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Batches made by hand: loss that is found late or withdrawn, as a writer stores it. */
#include "store/writer/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "folder.h"
#include "store/database/database.h"

#define START_NS      (UINT64_C(1735689600) * NS_PER_SECOND)
#define FLUSH_SECONDS 5

static struct writer writer;
static struct store_options options;
static struct left_out left_out;
static struct error error;
static uint64_t now_ns;

/* A batch with one flow. */
static struct store_batch batch;
static struct flow_change change;
static struct sa_change sa;
static uint64_t first_sequence; /* of the SA */

static uint64_t clock_now(void)
{
    return now_ns;
}

static int begin(void **state)
{
    folder_make(state);
    now_ns = START_NS;
    first_sequence = 0;
    options = (struct store_options){
        .path = path,
        .source = "test",
        .method = "tc",
        .window = 32,
        .shards = 1,
        .flush_seconds = FLUSH_SECONDS,
        .clock = clock_now,
    };
    assert_int_equal(writer_open(&writer, &options, &error), 0);
    sqlite3_db_config(writer.database, SQLITE_DBCONFIG_ENABLE_VIEW, 1, NULL); /* for ask() */
    batch = (struct store_batch){.changes = {.flows = &change, .sas = &sa}};
    change = (struct flow_change){
        .flow = {.key = {.protocol = OUTCOME_ESP, .family = 4, .spi = 1000}, .first_ns = START_NS},
        .has_sequence = 1,
        .sa_count = 1,
    };
    return 0;
}

static int end(void **state)
{
    writer_release(&writer);
    return folder_remove(state);
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

/* Writes COUNT gaps in interval NUMBER, and the flow when there are PACKETS more. */
static void write_gaps(unsigned number, uint64_t packets, struct gap *gaps, size_t count)
{
    struct flow *flow = &change.flow;

    now_ns = START_NS + number * FLUSH_SECONDS * NS_PER_SECOND;
    batch.interval = (struct batch_interval){now_ns, now_ns + FLUSH_SECONDS * NS_PER_SECOND};
    flow->packets += packets;
    flow->bytes += 100 * packets;
    flow->timing.last_ns = now_ns;
    change.figures.received = flow->packets;
    change.figures.max_gap = change.figures.min_gap = 1;
    sa = (struct sa_change){.key = flow->key,
                            .first_sequence = first_sequence,
                            .first_ns = START_NS,
                            .last_ns = now_ns,
                            .figures = change.figures};
    batch.changes.flow_count = packets != 0;
    batch.changes.sa_count = packets != 0;
    batch.changes.gaps.gaps = gaps;
    batch.changes.gaps.count = count;
    assert_int_equal(writer_write(&writer, &batch, &left_out, &error), 0);
    assert_int_equal(left_out.refusals.rows, 0);
}

/* A gap of SIZE in interval NUMBER. */
static struct gap gap_in(unsigned number, uint64_t first, uint32_t size, enum gap_cause cause)
{
    change.figures.lost[cause] += size;
    change.figures.gaps++;
    return (struct gap){
        .key = change.flow.key,
        .timestamp_ns = START_NS + (number * FLUSH_SECONDS + 2) * NS_PER_SECOND,
        .first_number = first,
        .last_number = first + size - 1,
        .expected_sequence = (uint32_t)first,
        .received_sequence = (uint32_t)first + size,
        .size = size,
        .cause = cause,
    };
}

static int64_t lost_in(unsigned number, const char *column)
{
    char sql[256];

    snprintf(sql, sizeof(sql), "SELECT %s FROM capture_intervals WHERE timestamp LIKE '%%:%02u.%%'",
             column, number * FLUSH_SECONDS);
    return ask(sql);
}

/* Asserts that the sums of flows, SAs, intervals, gaps and the capture agree. */
static void all_agree_on(int64_t network, int64_t undetermined)
{
    static const char *const sums[][2] = {
        {"SELECT sum(lost_network) FROM flows", "SELECT sum(lost_undetermined) FROM flows"},
        {"SELECT sum(lost_network) FROM sas", "SELECT sum(lost_undetermined) FROM sas"},
        {"SELECT lost_network FROM captures", "SELECT lost_undetermined FROM captures"},
        {"SELECT sum(lost) FROM capture_intervals",
         "SELECT sum(lost_undetermined) FROM capture_intervals"},
        {"SELECT sum(lost) FROM flow_intervals",
         "SELECT sum(lost_undetermined) FROM flow_intervals"},
    };

    for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
        assert_int_equal(ask(sums[i][0]), network);
        assert_int_equal(ask(sums[i][1]), undetermined);
    }
    assert_int_equal(ask("SELECT total_lost_packets FROM captures"), network + undetermined);
    assert_int_equal(ask("SELECT total_lost_packets FROM flows"), network + undetermined);
}

static void loss_is_in_the_interval_in_which_it_happened(void **state)
{
    struct gap gaps[2];

    (void)state;
    write_gaps(0, 10, NULL, 0);
    write_gaps(1, 10, NULL, 0);
    gaps[0] = gap_in(0, 5, 3, CAUSE_NETWORK);
    gaps[1] = gap_in(1, 15, 4, CAUSE_UNDETERMINED);
    write_gaps(2, 10, gaps, 2);
    all_agree_on(3, 4);
    assert_int_equal(lost_in(0, "lost"), 3);
    assert_int_equal(lost_in(0, "lost_undetermined"), 0);
    assert_int_equal(lost_in(1, "lost"), 0);
    assert_int_equal(lost_in(1, "lost_undetermined"), 4);
    assert_int_equal(lost_in(2, "lost"), 0);
    assert_int_equal(lost_in(2, "packets"), 10);
    assert_int_equal(ask("SELECT count(*) FROM sequence_gaps JOIN sas ON sas.id = sa_id"), 2);
    assert_int_equal(ask("SELECT last_number FROM sequence_gaps WHERE first_number = 15"), 18);
}

/* When retention has joined the interval's row, or none was written yet. */
static void loss_is_in_a_coarser_row_or_one_that_is_made(void **state)
{
    struct gap gaps[2];

    (void)state;
    write_gaps(0, 10, NULL, 0);
    assert_int_equal(
        database_run(writer.database, "UPDATE capture_intervals SET duration_seconds = 60", &error),
        0);
    gaps[0] = gap_in(7, 5, 3, CAUSE_NETWORK);
    gaps[1] = gap_in(20, 15, 4, CAUSE_NETWORK);
    write_gaps(30, 10, gaps, 2);
    all_agree_on(7, 0);
    assert_int_equal(lost_in(0, "lost"), 3);
    assert_int_equal(ask("SELECT lost FROM capture_intervals WHERE timestamp LIKE '%00:01:40.%'"),
                     4);
}

static void a_gap_that_was_none_takes_its_loss_out_again(void **state)
{
    struct gap gaps[2];

    (void)state;
    gaps[0] = gap_in(0, 5, 3, CAUSE_NETWORK);
    gaps[1] = gap_in(0, 50, 100, CAUSE_NETWORK);
    write_gaps(0, 10, gaps, 2);
    all_agree_on(103, 0);
    gaps[1].is_withdrawn = 1;
    gaps[1].timestamp_ns = 1; /* its row has the time */
    change.figures.lost[CAUSE_NETWORK] -= 100;
    change.figures.gaps--;
    write_gaps(3, 10, &gaps[1], 1);
    all_agree_on(3, 0);
    assert_int_equal(lost_in(0, "lost"), 3);
    assert_int_equal(ask("SELECT sum(withdrawn) FROM sequence_gaps"), 1);
    assert_int_equal(ask("SELECT gap_size FROM sequence_gaps WHERE withdrawn"), 100);
    assert_int_equal(ask("SELECT total_gaps_detected FROM captures"), 1);
}

/* Gaps come with the last part of a collection; those beyond the limit do not come. */
static void what_no_gap_says_is_booked_where_it_is_found(void **state)
{
    struct gap gap;

    (void)state;
    gap = gap_in(0, 5, 3, CAUSE_NETWORK);
    gap_in(0, 50, 20, CAUSE_NETWORK);
    batch.changes.has_more = 1;
    write_gaps(0, 10, NULL, 0);
    assert_int_equal(ask("SELECT sum(lost) FROM capture_intervals"), 0);
    batch.changes.has_more = 0;
    write_gaps(1, 10, &gap, 1);
    assert_int_equal(lost_in(0, "lost"), 3);
    assert_int_equal(lost_in(1, "lost"), 20);
    assert_int_equal(ask("SELECT sum(lost) FROM capture_intervals"), 23);
}

/* The database refuses one row: the others are written, and it is tried again when it changes. */
static void a_row_that_is_refused_stops_nothing(void **state)
{
    static const char trigger[] =
        "CREATE TRIGGER no BEFORE INSERT ON flows WHEN new.flow_id LIKE '%0x000003e8%' "
        "BEGIN SELECT raise(ABORT, 'not this one'); END";
    struct flow_change flows[2];
    struct sa_change sas[2];

    (void)state;
    sqlite3_db_config(writer.database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
    assert_int_equal(database_run(writer.database, trigger, &error), 0);
    write_gaps(0, 0, NULL, 0);
    flows[0] = flows[1] = change;
    flows[0].flow.packets = flows[1].flow.packets = 5;
    flows[1].flow.key.spi = 2000;
    flows[1].handle = 1;
    sas[0] = sas[1] = (struct sa_change){.key = flows[0].flow.key};
    sas[1].key = flows[1].flow.key;
    batch.changes.flows = flows;
    batch.changes.sas = sas;
    batch.changes.flow_count = batch.changes.sa_count = 2;
    assert_int_equal(writer_write(&writer, &batch, &left_out, &error), 0);
    assert_int_equal(left_out.refusals.rows, 1);
    assert_non_null(strstr(left_out.refusals.first.text, "not this one"));
    assert_int_equal(ask("SELECT count(*) FROM flows"), 1);
    assert_int_equal(ask("SELECT count(*) FROM sas"), 1);
    assert_int_equal(ask("SELECT sum(packets) FROM interval_flows"), 5);
    assert_int_equal(ask("SELECT total_packets_received FROM captures"), 5);
    assert_int_equal(database_run(writer.database, "DROP TRIGGER no", &error), 0);
    assert_int_equal(writer_write(&writer, &batch, &left_out, &error), 0);
    assert_int_equal(left_out.refusals.rows, 0);
    assert_int_equal(ask("SELECT count(*) FROM flows WHERE packets_received = 5"), 2);
    assert_int_equal(ask("SELECT total_packets_received FROM captures"), 10);
}

/* Nothing reported that the earlier flow left. */
static void a_handle_that_is_used_again_is_another_flow(void **state)
{
    (void)state;
    write_gaps(0, 10, NULL, 0);
    change.flow.key.spi = 2000;
    write_gaps(1, 10, NULL, 0);
    assert_int_equal(ask("SELECT count(*) FROM flows"), 2);
    assert_int_equal(ask("SELECT packets_received FROM flows WHERE flow_id LIKE '%000007d0%'"), 20);
    assert_int_equal(ask("SELECT packets_received FROM flows WHERE flow_id LIKE '%000003e8%'"), 10);
}

static void a_flow_that_comes_back_has_a_further_sa(void **state)
{
    struct gap gap;

    (void)state;
    change.has_left = 1;
    write_gaps(0, 10, NULL, 0);
    change.flow.packets = 0;
    change.flow.bytes = 0;
    change.has_left = 0;
    gap = gap_in(1, 5, 3, CAUSE_NETWORK);
    write_gaps(1, 7, &gap, 1);
    assert_int_equal(ask("SELECT packets_received FROM flows"), 17);
    assert_int_equal(ask("SELECT count(*) FROM sas"), 2);
    assert_int_equal(ask("SELECT packets_received FROM sas WHERE generation = 1"), 7);
    assert_int_equal(ask("SELECT generation FROM sas JOIN sequence_gaps ON sa_id = sas.id"), 1);
}

static void events_are_kept(void **state)
{
    struct track_event events[] = {
        {.timestamp_ns = START_NS, .key = change.flow.key, .kind = EVENT_REKEY, .association = 2},
        {.timestamp_ns = START_NS, .kind = EVENT_CLOCK_STEP, .value = (uint64_t)-5},
    };

    (void)state;
    batch.changes.events = events;
    batch.changes.event_count = 2;
    batch.changes.events_omitted = 7;
    write_gaps(0, 10, NULL, 0);
    assert_int_equal(ask("SELECT association FROM events WHERE kind = 'rekey' AND flow_id LIKE "
                         "'%0x000003e8%' AND detail = '{}'"),
                     2);
    assert_int_equal(ask("SELECT detail ->> 'step_ns' FROM events WHERE flow_id IS NULL"), -5);
    assert_int_equal(ask("SELECT events_omitted FROM captures"), 7);
}

static void silence_is_marked_and_ends(void **state)
{
    (void)state;
    write_gaps(0, 10, NULL, 0);
    now_ns = START_NS + 29 * NS_PER_SECOND;
    writer.shards[0].silence_ns = 0;
    batch.changes.flow_count = 0;
    assert_int_equal(writer_write(&writer, &batch, &left_out, &error), 0);
    assert_int_equal(ask("SELECT count(*) FROM flows WHERE silent_since IS NOT NULL"), 0);
    now_ns = START_NS + 31 * NS_PER_SECOND;
    writer.shards[0].silence_ns = 0;
    assert_int_equal(writer_write(&writer, &batch, &left_out, &error), 0);
    assert_int_equal(ask("SELECT count(*) FROM flows WHERE silent_since = last_timestamp"), 1);
    assert_int_equal(ask("SELECT count(*) FROM events WHERE kind = 'silent'"), 1);
    write_gaps(8, 10, NULL, 0);
    assert_int_equal(ask("SELECT count(*) FROM flows WHERE silent_since IS NULL"), 1);
    assert_int_equal(ask("SELECT count(*) FROM events WHERE kind = 'back'"), 1);
    now_ns = START_NS + 3600 * NS_PER_SECOND;
    assert_int_equal(writer_end(&writer, &error), 0);
    assert_int_equal(ask("SELECT count(*) FROM flows WHERE silent_since = last_timestamp"), 1);
}

/* A flow is not silent because the clock was set by a day after its last frame. */
static void a_step_of_the_clock_is_no_silence(void **state)
{
    const int64_t day_ns = 86400 * (int64_t)NS_PER_SECOND;

    (void)state;
    write_gaps(0, 10, NULL, 0);
    writer_shift_time(&writer, 0, day_ns);
    now_ns = START_NS + 29 * NS_PER_SECOND + (uint64_t)day_ns;
    writer.shards[0].silence_ns = 0;
    batch.changes.flow_count = 0;
    assert_int_equal(writer_write(&writer, &batch, &left_out, &error), 0);
    assert_int_equal(ask("SELECT count(*) FROM flows WHERE silent_since IS NOT NULL"), 0);
    now_ns += 2 * NS_PER_SECOND;
    writer.shards[0].silence_ns = 0;
    assert_int_equal(writer_write(&writer, &batch, &left_out, &error), 0);
    assert_int_equal(ask("SELECT count(*) FROM flows WHERE silent_since IS NOT NULL"), 1);
}

/* Its longest pause was 20 s, so it is silent after 200 s. */
static void who_pauses_often_is_not_silent_soon(void **state)
{
    (void)state;
    change.flow.timing.max_ns = 20 * NS_PER_SECOND;
    write_gaps(0, 10, NULL, 0);
    now_ns = START_NS + 199 * NS_PER_SECOND;
    assert_int_equal(writer_end(&writer, &error), 0);
    assert_int_equal(ask("SELECT count(*) FROM flows WHERE silent_since IS NOT NULL"), 0);
    now_ns = START_NS + 201 * NS_PER_SECOND;
    assert_int_equal(writer_end(&writer, &error), 0);
    assert_int_equal(ask("SELECT count(*) FROM flows WHERE silent_since IS NOT NULL"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

static void gaps_get_an_upper_half_that_is_told_later(void **state)
{
    struct gap gaps[2];

    (void)state;
    gaps[0] = gap_in(0, 10, 2, CAUSE_NETWORK);
    write_gaps(0, 100, gaps, 1);
    assert_int_equal(ask("SELECT first_number FROM sequence_gaps"), 10);
    first_sequence = (UINT64_C(3) << 32) + 1;
    gaps[1] = gap_in(1, first_sequence + 50, 1, CAUSE_NETWORK);
    for (unsigned number = 1; number < 3; number++)
        write_gaps(number, 100, gaps + 1, 2 - number);
    assert_int_equal(ask("SELECT min(first_number) FROM sequence_gaps"), (UINT64_C(3) << 32) + 10);
    assert_int_equal(ask("SELECT min(last_number) FROM sequence_gaps"), (UINT64_C(3) << 32) + 11);
    assert_int_equal(ask("SELECT max(first_number) FROM sequence_gaps"), first_sequence + 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(loss_is_in_the_interval_in_which_it_happened),
        TEST(loss_is_in_a_coarser_row_or_one_that_is_made),
        TEST(a_gap_that_was_none_takes_its_loss_out_again),
        TEST(what_no_gap_says_is_booked_where_it_is_found),
        TEST(a_row_that_is_refused_stops_nothing),
        TEST(a_handle_that_is_used_again_is_another_flow),
        TEST(a_flow_that_comes_back_has_a_further_sa),
        TEST(events_are_kept),
        TEST(silence_is_marked_and_ends),
        TEST(a_step_of_the_clock_is_no_silence),
        TEST(who_pauses_often_is_not_silent_soon),
        TEST(gaps_get_an_upper_half_that_is_told_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
