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

/* New and known flows mixed inside of each group that is looked up ahead. */
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
        assert_int_equal(tracker_summary(&tracker).lost, 0);
        tracker_release(&tracker);
    }
}

/* A flow that leaves ends: its pending loss is counted, and so is it when it comes again. */
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
    assert_int_equal(tracker.evicted.lost, 1);
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
        struct frame_record record = esp(256 + i, 1 + 2 * (i % 3), i);

        tracker_receive(&tracker, &record, 1, NULL);
    }
    assert_int_equal(tracker.table.flows.count, 10);
    assert_int_equal(tracker.sequencer.spaces.count, 10);
    assert_true(tracker.table.flows.used_end <= 11);
    assert_true(tracker.sequencer.spaces.used_end <= 11);
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
    assert_int_equal(tracker_summary(&tracker).lost, 0);
    tracker_release(&tracker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_of_any_size_count_the_same),
        cmocka_unit_test(a_full_table_keeps_the_totals),
        cmocka_unit_test(churn_gives_all_memory_back),
        cmocka_unit_test(tcp_has_no_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
