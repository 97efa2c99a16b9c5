/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/changes.h"

#include <stdlib.h>
#include <string.h>

#include "track/tracker.h"
#include "unit.h"

static struct tracker tracker;
static struct changes changes;

static void begin(uint32_t max_flows)
{
    assert_int_equal(tracker_init(&tracker, WINDOW_DEFAULT, max_flows), 0);
    tracker_keep_changes(&tracker);
}

static void end(void)
{
    changes_release(&changes);
    tracker_release(&tracker);
}

static void receive_at(uint32_t spi, uint32_t sequence, uint64_t now_ns)
{
    struct frame_record record = {
        .key = {.protocol = OUTCOME_ESP, .family = 4, .spi = spi},
        .sequence = sequence,
        .timestamp_ns = now_ns,
        .wire_bytes = 100,
        .wire_packets = 1,
    };

    tracker_receive(&tracker, &record, 1, NULL);
}

static void receive(uint32_t spi, uint32_t sequence)
{
    receive_at(spi, sequence, 1000 + sequence);
}

static void collect(void)
{
    changes_release(&changes);
    change_log_collect(&tracker.changes, &changes);
}

/* The only change of the flow SPI, or NULL. */
static const struct flow_change *find(uint32_t spi)
{
    const struct flow_change *found = NULL;

    for (size_t i = 0; i < changes.flow_count; i++) {
        if (changes.flows[i].flow.key.spi != spi)
            continue;
        assert_null(found);
        found = &changes.flows[i];
    }
    return found;
}

/* Random frames, collected at random times, compared with a simple list of the expected changes. */
static void collects_what_was_used_since(void **state)
{
    enum { FLOWS = 200, STEPS = 20000 };
    static uint32_t sent[FLOWS];
    static int is_changed[FLOWS];

    (void)state;
    begin(FLOWS);
    srand(1);
    for (int step = 0; step < STEPS; step++) {
        int flow = rand() % FLOWS;

        receive(1000 + (uint32_t)flow, ++sent[flow]);
        is_changed[flow] = 1;
        if (rand() % 100)
            continue;
        collect();
        for (int i = 0; i < FLOWS; i++) {
            const struct flow_change *change = find(1000 + (uint32_t)i);

            assert_int_equal(change != NULL, is_changed[i]);
            if (!change)
                continue;
            assert_int_equal(change->flow.packets, sent[i]);
            assert_int_equal(change->last_sequence, sent[i]);
            assert_false(change->has_left);
        }
        assert_false(changes.has_more);
        memset(is_changed, 0, sizeof(is_changed));
    }
    end();
}

/* Their handles are reused at once, so they must come first. */
static void flows_that_left_come_first_with_their_final_figures(void **state)
{
    (void)state;
    begin(2);
    receive(1001, 1);
    collect();
    receive(1001, 3); /* 2 is missing */
    receive(1002, 1);
    receive(1003, 1); /* 1001 leaves */
    receive(1004, 1); /* 1002 leaves without having been collected */
    collect();
    assert_int_equal(changes.flow_count, 4);
    assert_int_equal(changes.flows[0].flow.key.spi, 1001);
    assert_int_equal(changes.flows[1].flow.key.spi, 1002);
    assert_true(changes.flows[0].has_left && changes.flows[1].has_left);
    assert_int_equal(changes.flows[0].flow.packets, 2);
    assert_int_equal(changes.flows[0].figures.lost[CAUSE_NETWORK], 1);
    assert_int_equal(changes.flows[0].last_sequence, 3);
    assert_false(find(1003)->has_left || find(1004)->has_left);
    assert_int_equal(find(1003)->handle, changes.flows[0].handle);
    assert_int_equal(changes.gaps.count, 1);
    collect();
    assert_int_equal(changes.flow_count + changes.gaps.count, 0);
    end();
}

static void finishing_changes_the_flows_that_it_finds_a_loss_in(void **state)
{
    (void)state;
    begin(10);
    receive(1001, 1);
    receive(1002, 1);
    receive(1002, 3);
    receive(1003, 1);
    receive(1003, 3);
    collect();
    assert_int_equal(changes.flow_count, 3);
    assert_int_equal(changes.gaps.count, 0);
    tracker_finish(&tracker);
    collect();
    assert_int_equal(changes.flow_count, 2);
    assert_int_equal(find(1002)->figures.lost[CAUSE_NETWORK], 1);
    assert_int_equal(find(1003)->figures.lost[CAUSE_NETWORK], 1);
    assert_int_equal(changes.gaps.count, 2);
    end();
}

/* A gap must not come before its flow. */
static void many_flows_come_in_parts_and_gaps_with_the_last(void **state)
{
    enum { FLOWS = CHANGES_FLOWS_MAX + 1000 };
    size_t total = 0;
    int parts = 0;

    (void)state;
    begin(FLOWS);
    for (uint32_t i = 0; i < FLOWS; i++)
        receive(1000 + i, 1);
    receive(1000 + FLOWS - 1, 3);
    receive(1000 + FLOWS - 1, 3 + WINDOW_DEFAULT);
    do {
        collect();
        total += changes.flow_count;
        parts++;
        assert_true(changes.flow_count < CHANGES_FLOWS_MAX + 16);
        assert_int_equal(changes.gaps.count != 0, !changes.has_more);
    } while (changes.has_more);
    assert_int_equal(total, FLOWS);
    assert_int_equal(parts, 2);
    end();
}

static void gaps_are_bounded_and_what_was_lost_in_them_is_not(void **state)
{
    enum { GAPS = CHANGES_GAPS_MAX + 500 };

    (void)state;
    begin(10);
    for (uint32_t i = 0; i <= GAPS; i++)
        receive(1000, 1 + 2 * i);
    tracker_finish(&tracker);
    collect();
    assert_int_equal(changes.gaps.count, CHANGES_GAPS_MAX);
    assert_int_equal(changes.gaps.omitted, 500);
    assert_int_equal(changes.flows[0].figures.lost[CAUSE_NETWORK], GAPS);
    assert_int_equal(tracker.gaps.count, GAPS); /* the log of the report */
    collect();
    assert_int_equal(changes.gaps.omitted, 0);
    end();
}

static void flows_that_left_are_bounded(void **state)
{
    (void)state;
    begin(1);
    for (uint32_t i = 0; i < CHANGES_LEAVING_MAX + 11; i++)
        receive(1000 + i, 1);
    collect();
    assert_int_equal(changes.flows_omitted, 10);
    assert_int_equal(changes.flow_count, CHANGES_LEAVING_MAX + 1);
    end();
}

static void nothing_is_kept_unless_it_is_asked_for(void **state)
{
    (void)state;
    assert_int_equal(tracker_init(&tracker, WINDOW_DEFAULT, 2), 0);
    for (uint32_t i = 0; i < 100; i++) {
        receive(1000 + i, 1);
        receive(1000 + i, 3);
    }
    tracker_finish(&tracker);
    assert_null(tracker.changes.waiting.flows);
    assert_null(tracker.changes.waiting.gaps.gaps);
    tracker_release(&tracker);
}

/* The number of collected samples that came at FROM_NS or later. */
static size_t count_samples(uint64_t from_ns)
{
    size_t count = 0;

    for (size_t i = 0; i < changes.sample_count; i++)
        count += changes.samples[i].timestamp_ns >= from_ns;
    return count;
}

/* A sender that began anew repeats numbers that came before, so for a while it may be a mirror. */
static void samples_wait_until_their_sa_is_certain(void **state)
{
    enum { FRAMES = 300 };
    const uint64_t step_ns = 10000000, restart_ns = FRAMES * step_ns;

    (void)state;
    begin(10);
    for (uint32_t i = 1; i <= FRAMES; i++)
        receive_at(7, i, i * step_ns);
    collect();
    assert_true(changes.sample_count > 0);
    for (uint32_t i = 1; i < FRAMES; i++)
        receive_at(7, i, restart_ns + i * step_ns);
    collect();
    assert_int_equal(changes.sa_count, 1);
    assert_int_equal(changes.sample_count, 0);
    tracker_finish(&tracker);
    collect();
    assert_int_equal(changes.sa_count, 2);
    assert_true(changes.sample_count > 0);
    assert_int_equal(count_samples(restart_ns + step_ns), changes.sample_count);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_wait_until_their_sa_is_certain),
        cmocka_unit_test(collects_what_was_used_since),
        cmocka_unit_test(flows_that_left_come_first_with_their_final_figures),
        cmocka_unit_test(finishing_changes_the_flows_that_it_finds_a_loss_in),
        cmocka_unit_test(many_flows_come_in_parts_and_gaps_with_the_last),
        cmocka_unit_test(gaps_are_bounded_and_what_was_lost_in_them_is_not),
        cmocka_unit_test(flows_that_left_are_bounded),
        cmocka_unit_test(nothing_is_kept_unless_it_is_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
