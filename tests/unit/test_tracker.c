/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/tracker.h"

#include "unit.h"

enum { RECORDS = 1000 };

static struct frame_record records[RECORDS];

static struct frame_record esp(uint32_t spi, uint32_t sequence, uint64_t now_ns)
{
    return (struct frame_record){
        .key = {.protocol = OUTCOME_ESP, .family = 4, .spi = spi},
        .sequence = sequence,
        .timestamp_ns = now_ns,
        .wire_bytes = 100,
        .wire_packets = 1,
    };
}

static struct tracker tracker;

static void begin(uint32_t max_flows)
{
    assert_int_equal(tracker_init(&tracker, WINDOW_DEFAULT, max_flows), 0);
}

/* New and known flows, mixed within each group of records that is looked up ahead. */
static void groups_of_any_size_count_the_same(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < RECORDS; i++)
        records[i] = esp(256 + i % 37, 1 + i / 37, i);
    for (size_t size = 1; size <= RECORDS; size = size * 3 + 1) {
        begin(100);
        for (size_t at = 0; at < RECORDS; at += size)
            tracker_receive(&tracker, records + at, at + size < RECORDS ? size : RECORDS - at,
                            NULL);
        tracker_finish(&tracker);
        assert_int_equal(tracker_summary(&tracker).flows, 37);
        assert_int_equal(tracker_summary(&tracker).packets, RECORDS);
        assert_int_equal(tracker_summary(&tracker).bytes, RECORDS * 100);
        assert_int_equal(tracker_summary(&tracker).lost[CAUSE_NETWORK], 0);
        tracker_release(&tracker);
    }
}

/* A flow that leaves is complete: its pending loss counts, also when the flow comes again. */
static void a_full_table_keeps_the_totals(void **state)
{
    (void)state;
    begin(2);
    records[0] = esp(1001, 1, 10);
    records[1] = esp(1001, 3, 20);
    records[2] = esp(1002, 1, 30);
    records[3] = esp(1003, 1, 40); /* 1001 leaves */
    records[4] = esp(1002, 2, 50);
    records[5] = esp(1004, 1, 60); /* 1003 leaves: 1002 was used since */
    records[6] = esp(1001, 4, 70); /* 1002 leaves */
    tracker_receive(&tracker, records, 7, NULL);
    tracker_finish(&tracker);
    assert_int_equal(tracker.evicted.flows, 3);
    assert_int_equal(tracker.evicted.lost[CAUSE_NETWORK], 1);
    assert_int_equal(tracker.evicted.packets, 5);
    assert_int_equal(tracker.gaps.count, 1);
    assert_int_equal(tracker_summary(&tracker).flows, 5);
    assert_int_equal(tracker_summary(&tracker).packets, 7);
    assert_int_equal(tracker_summary(&tracker).protocol_packets[OUTCOME_ESP], 7);
    assert_int_equal(tracker_summary(&tracker).first_ns, 10);
    assert_int_equal(tracker_summary(&tracker).last_ns, 70);
    tracker_release(&tracker);
}

static void churn_gives_all_memory_back(void **state)
{
    (void)state;
    begin(10);
    for (uint32_t i = 0; i < 100000; i++) {
        struct frame_record pair[] = {esp(256 + i, 1, i), esp(256 + i, 2 + i % 3, i)};

        tracker_receive(&tracker, pair, 2, NULL);
    }
    assert_int_equal(tracker.table.flows.count, 10);
    assert_int_equal(tracker.sequencer.positions.count, 10);
    assert_true(tracker.table.flows.used_end <= 11);
    assert_true(tracker.sequencer.positions.used_end <= 11);
    tracker_release(&tracker);
}

static void tcp_has_no_numbers(void **state)
{
    const struct flow *flow;

    (void)state;
    begin(10);
    records[0] = esp(0, 1, 1);
    records[0].key.protocol = OUTCOME_TCP;
    records[1] = records[0];
    records[1].sequence = 99;
    tracker_receive(&tracker, records, 2, NULL);
    tracker_finish(&tracker);
    flow = flow_table_at(&tracker.table, flow_table_oldest(&tracker.table));
    assert_int_equal(flow->packets, 2);
    assert_false(flow_has_sequence(flow));
    assert_int_equal(tracker_summary(&tracker).lost[CAUSE_NETWORK], 0);
    tracker_release(&tracker);
}

static void receive(uint32_t spi, uint32_t sequence, uint64_t now_ns)
{
    struct frame_record record = esp(spi, sequence, now_ns);

    tracker_receive(&tracker, &record, 1, NULL);
}

static const struct flow *oldest(void)
{
    return flow_table_at(&tracker.table, flow_table_oldest(&tracker.table));
}

/* A merged frame (GRO) has one record and consecutive numbers. */
static void a_merged_record_counts_all_its_frames(void **state)
{
    struct frame_record record = esp(1001, 2, 20);

    (void)state;
    begin(10);
    receive(1001, 1, 10);
    record.wire_packets = 5;
    record.wire_bytes = 500;
    tracker_receive(&tracker, &record, 1, NULL);
    receive(1001, 7, 30);
    assert_int_equal(oldest()->packets, 7);
    assert_int_equal(oldest()->bytes, 700);
    tracker_finish(&tracker);
    assert_int_equal(tracker_summary(&tracker).lost[CAUSE_NETWORK], 0);
    tracker_release(&tracker);
}

static void missed_frames_count_as_received(void **state)
{
    static const uint32_t numbers[] = {2, 3, 4, 5, 8, 9, 10, 11};
    struct missed_frames missed[2];
    struct frame_record stands[2];

    (void)state;
    begin(10);
    for (uint32_t i = 0; i < 2; i++) {
        stands[i] = esp(1001, 0, 100);
        stands[i].key.protocol = i ? OUTCOME_TCP : OUTCOME_ESP;
        missed_clear(&missed[i], &stands[i]);
        for (uint32_t at = 0; at < 8; at++) {
            stands[i].sequence = numbers[at];
            stands[i].timestamp_ns = 100 + 10 * at;
            missed_add(&missed[i], &stands[i]);
        }
        stands[i].flags = RECORD_MISSED;
        stands[i].missed = i;
    }
    receive(1001, 1, 90);
    tracker_receive(&tracker, stands, 2, missed);
    receive(1001, 12, 180);
    tracker_finish(&tracker);
    assert_int_equal(tracker_summary(&tracker).flows, 2);
    assert_int_equal(tracker_summary(&tracker).packets, 1 + 8 + 8 + 1);
    assert_int_equal(tracker_summary(&tracker).bytes, 1800);
    assert_int_equal(tracker_summary(&tracker).lost[CAUSE_NETWORK], 2);
    assert_int_equal(tracker_summary(&tracker).unobserved, 16);
    assert_int_equal(tracker_summary(&tracker).protocol_packets[OUTCOME_TCP], 8);
    assert_int_equal(tracker_summary(&tracker).last_ns, 180);
    tracker_release(&tracker);
}

static void idle_flows_leave_with_what_they_lost(void **state)
{
    (void)state;
    begin(10);
    receive(1001, 1, 100);
    receive(1002, 1, 110);
    receive(1001, 3, 120); /* 2 is pending */
    receive(1003, 1, 200);
    tracker_expire_idle(&tracker, 100);
    assert_int_equal(tracker.evicted.flows, 0);
    tracker_expire_idle(&tracker, 121); /* the last of 1001 came just before */
    assert_int_equal(tracker.evicted.flows, 2);
    assert_int_equal(tracker.evicted.lost[CAUSE_NETWORK], 1);
    assert_int_equal(tracker.table.flows.count, 1);
    assert_int_equal(tracker.sequencer.positions.count, 0); /* a single frame needs none */
    assert_int_equal(tracker.sequencer.runs.count, 0);
    receive(1001, 50, 300); /* a new flow: nothing before it is missing */
    tracker_finish(&tracker);
    assert_int_equal(tracker_summary(&tracker).flows, 4);
    assert_int_equal(tracker_summary(&tracker).packets, 5);
    assert_int_equal(tracker_summary(&tracker).lost[CAUSE_NETWORK], 1);
    tracker_release(&tracker);
}

/* A flow that is not idle keeps the ones behind it only until it is idle itself. */
static void a_flow_that_goes_on_stays(void **state)
{
    (void)state;
    begin(10);
    receive(1001, 1, 100);
    receive(1002, 1, 110);
    receive(1001, 2, 900);
    tracker_expire_idle(&tracker, 500);
    assert_int_equal(tracker.table.flows.count, 1);
    assert_int_equal(oldest()->key.spi, 1001);
    tracker_release(&tracker);
}

/* The clock is set while a number is pending and another one is lost. */
static void a_clock_step_makes_no_time_pass(void **state)
{
    enum { STEP = 1000000 };

    (void)state;
    begin(10);
    receive(1001, 1, 2000);
    receive(1001, 3, 2010);
    for (uint32_t sequence = 4; sequence < 50; sequence++)
        receive(1001, sequence, 2010);
    tracker_note_drops(&tracker, 2011, 2012);
    receive(1001, 51, 2030);
    tracker_shift_time(&tracker, STEP);
    receive(1001, 52, STEP + 2040);
    tracker_finish(&tracker);
    assert_int_equal(oldest()->first_ns, STEP + 2000);
    assert_int_equal(oldest()->timing.last_ns, STEP + 2040);
    assert_int_equal(oldest()->timing.max_ns, 20);
    assert_int_equal(tracker.gaps.count, 2);
    assert_int_equal(tracker.gaps.gaps[0].timestamp_ns, STEP + 2010);
    assert_int_equal(tracker.gaps.gaps[0].duration_ns, 10);
    assert_int_equal(tracker.gaps.gaps[0].cause, CAUSE_NETWORK);
    assert_int_equal(tracker.gaps.gaps[1].timestamp_ns, STEP + 2030);
    assert_int_equal(tracker.gaps.gaps[1].duration_ns, 20);
    assert_int_equal(tracker.gaps.gaps[1].cause, CAUSE_UNDETERMINED);
    tracker_release(&tracker);
}

static void a_clock_step_is_an_event(void **state)
{
    const struct event_log *events = &tracker.changes.events;

    (void)state;
    begin(10);
    tracker_tell_clock_step(&tracker, -5, 2000); /* nobody collects changes */
    tracker_keep_changes(&tracker);
    tracker_tell_clock_step(&tracker, -5, 2000);
    assert_int_equal(events->count, 1);
    assert_int_equal(events->events[0].kind, EVENT_CLOCK_STEP);
    assert_int_equal((int64_t)events->events[0].value, -5);
    assert_int_equal(events->events[0].timestamp_ns, 2000);
    assert_int_equal(events->events[0].key.protocol, 0);
    tracker_release(&tracker);
}

static void a_clock_step_back_dates_what_left_too(void **state)
{
    (void)state;
    begin(10);
    receive(1001, 1, 2000);
    receive(1002, 1, 2500);
    tracker_expire_idle(&tracker, 2100);
    tracker_shift_time(&tracker, -1000);
    assert_int_equal(tracker_summary(&tracker).first_ns, 1000);
    assert_int_equal(tracker_summary(&tracker).last_ns, 1500);
    tracker_release(&tracker);
}

static void loss_is_added_up_by_cause(void **state)
{
    (void)state;
    begin(10);
    receive(1001, 1, 100);
    receive(1001, 4, 110);
    tracker_note_drops(&tracker, 150, 160);
    receive(1002, 1, 155);
    receive(1002, 7, 165);
    tracker_finish(&tracker);
    assert_int_equal(tracker_summary(&tracker).lost[CAUSE_NETWORK], 2);
    assert_int_equal(tracker_summary(&tracker).lost[CAUSE_UNDETERMINED], 5);
    tracker_release(&tracker);
}

enum { MANY_FLOWS = 70000 }; /* more than 65,536 */

/* All flows of a link go on elsewhere at once, each by one frame in turn. */
static void an_outage_of_many_flows_is_lost_in_each(void **state)
{
    (void)state;
    begin(MANY_FLOWS);
    for (uint32_t number = 1; number <= 4; number++)
        for (uint32_t i = 0; i < MANY_FLOWS; i++)
            receive(256 + i, number, number * 1000);
    for (uint32_t number = 105; number <= 108; number++)
        for (uint32_t i = 0; i < MANY_FLOWS; i++)
            receive(256 + i, number, number * 1000);
    tracker_finish(&tracker);
    assert_int_equal(tracker_summary(&tracker).lost[CAUSE_NETWORK], 100 * MANY_FLOWS);
    tracker_release(&tracker);
}

/* Orderly flows among which forged frames come, far ahead and far behind. */
static void a_flood_in_known_flows_takes_little_memory(void **state)
{
    enum { FLOWS = 20000 };
    const struct sequencer *sequencer = &tracker.sequencer;

    (void)state;
    begin(FLOWS);
    for (uint32_t number = 1; number <= 20; number++)
        for (uint32_t i = 0; i < FLOWS; i++) {
            receive(256 + i, number, number * 1000);
            receive(256 + i, 100000000 * number, number * 1000);
        }
    assert_int_equal(sequencer->receivers.used_end, 1);
    assert_int_equal(sequencer->memories.used_end, 1);
    assert_true(sequencer->positions.used_end < 2 * FLOWS + 20000);
    tracker_finish(&tracker);
    assert_int_equal(tracker_summary(&tracker).lost[CAUSE_NETWORK], 0);
    tracker_release(&tracker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_of_any_size_count_the_same),
        cmocka_unit_test(a_full_table_keeps_the_totals),
        cmocka_unit_test(churn_gives_all_memory_back),
        cmocka_unit_test(tcp_has_no_numbers),
        cmocka_unit_test(a_merged_record_counts_all_its_frames),
        cmocka_unit_test(missed_frames_count_as_received),
        cmocka_unit_test(idle_flows_leave_with_what_they_lost),
        cmocka_unit_test(a_flow_that_goes_on_stays),
        cmocka_unit_test(a_clock_step_makes_no_time_pass),
        cmocka_unit_test(a_clock_step_is_an_event),
        cmocka_unit_test(a_clock_step_back_dates_what_left_too),
        cmocka_unit_test(loss_is_added_up_by_cause),
        cmocka_unit_test(an_outage_of_many_flows_is_lost_in_each),
        cmocka_unit_test(a_flood_in_known_flows_takes_little_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
