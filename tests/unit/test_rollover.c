/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Events of rekeys. Times are in seconds. */
#include "lineage/rollover.h"

#include "base/units.h"
#include "outcome.h"

#include "lineage/decide.h"
#include "unit.h"

enum { HERE = 1, THERE = 2, EVENTS = 16 };

static struct lineage lineage;
static struct track_event events[EVENTS];
static size_t event_count;

static int begin(void **state)
{
    (void)state;
    lineage = (struct lineage){0};
    event_count = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    lineage_release(&lineage);
    return 0;
}

static int take(void *context, const struct track_event *event)
{
    (void)context;
    assert_in_range(event_count, 0, EVENTS - 1);
    events[event_count++] = *event;
    return 0;
}

static uint64_t at(double seconds)
{
    return (uint64_t)((seconds + 10000) * (double)NS_PER_SECOND);
}

static void add(uint32_t spi, uint8_t from, uint8_t to, double first, double last)
{
    const struct kin kin = {
        .key = {.protocol = OUTCOME_ESP,
                .family = 4,
                .spi = spi,
                .source = {10, 0, 0, from},
                .destination = {10, 0, 0, to}},
        .first_ns = at(first),
        .since_ns = at(first),
        .last_ns = at(last),
        .received = (uint64_t)((last - first) * 10) + 10,
        .first_sequence = 1,
    };

    assert_int_equal(lineage_add(&lineage, &kin), 0);
}

/* Returns the number of new events. */
static size_t check(int is_end)
{
    size_t before = event_count;

    lineage_decide(&lineage);
    assert_int_equal(rollover_check(&lineage, is_end, take, NULL), 0);
    rollover_settle(&lineage, 1);
    return event_count - before;
}

static void a_rekey_is_told_once_when_it_is_sure(void **state)
{
    (void)state;
    add(1, HERE, THERE, 0, 100);
    add(2, HERE, THERE, 100, 109);
    assert_int_equal(check(0), 0);
    add(2, HERE, THERE, 100, 110);
    assert_int_equal(check(0), 1);
    assert_int_equal(events[0].kind, EVENT_REKEY);
    assert_int_equal(events[0].key.spi, 2);
    assert_int_equal(events[0].other.spi, 1);
    assert_int_equal(events[0].value, CERTAINTY_PROBABLE);
    assert_int_equal(events[0].timestamp_ns, at(100));
    assert_int_equal(check(1), 0);
}

static void the_end_of_the_capture_decides(void **state)
{
    (void)state;
    add(1, HERE, THERE, 0, 100);
    add(2, HERE, THERE, 100, 101);
    assert_int_equal(check(1), 1);
}

static void what_was_not_kept_is_told_again(void **state)
{
    (void)state;
    add(1, HERE, THERE, 0, 100);
    add(2, HERE, THERE, 100, 200);
    lineage_decide(&lineage);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rollover_check(&lineage, 0, take, NULL), 0);
        rollover_settle(&lineage, 0);
        assert_int_equal(event_count, i + 1);
    }
}

static void it_is_undone_when_the_old_one_goes_on(void **state)
{
    (void)state;
    add(1, HERE, THERE, 0, 100);
    add(2, HERE, THERE, 100, 200);
    assert_int_equal(check(0), 1);
    add(1, HERE, THERE, 0, 250);
    assert_int_equal(check(0), 1);
    assert_int_equal(events[1].kind, EVENT_UNDONE);
    assert_int_equal(events[1].other.spi, 1);
    assert_int_equal(check(0), 0);
}

/* The other direction must go on with three numbers, and have had time to change. */
static void one_sided(void **state)
{
    (void)state;
    add(1, HERE, THERE, 0, 100);
    add(2, HERE, THERE, 100, 105);
    add(8, THERE, HERE, 0, 105);
    assert_int_equal(check(0), 0);
    add(2, HERE, THERE, 100, 111);
    add(8, THERE, HERE, 0, 106.5);
    assert_int_equal(check(0), 1);
    add(8, THERE, HERE, 0, 106.6);
    assert_int_equal(check(0), 0);
    add(8, THERE, HERE, 0, 107);
    assert_int_equal(check(0), 1);
    assert_int_equal(events[1].kind, EVENT_ONE_SIDED);
    assert_int_equal(events[1].key.spi, 2);
    assert_int_equal(events[1].other.spi, 8);
    add(8, THERE, HERE, 0, 130);
    assert_int_equal(check(0), 0);
}

static void both_sides_change(void **state)
{
    (void)state;
    add(1, HERE, THERE, 0, 100);
    add(8, THERE, HERE, 0, 95);
    add(9, THERE, HERE, 95, 150);
    add(2, HERE, THERE, 100, 150);
    for (int i = 0; i < 5; i++) {
        add(2, HERE, THERE, 100, 150 + i);
        add(9, THERE, HERE, 95, 150 + i);
        check(0);
    }
    assert_int_equal(event_count, 2);
    assert_int_equal(events[0].kind, EVENT_REKEY);
    assert_int_equal(events[1].kind, EVENT_REKEY);
}

/* Several SAs side by side in the other direction say nothing. */
static void the_other_side_is_a_set(void **state)
{
    (void)state;
    add(1, HERE, THERE, 0, 100);
    add(2, HERE, THERE, 100, 150);
    for (int i = 0; i < 5; i++) {
        add(8, THERE, HERE, 0, 140 + i);
        add(9, THERE, HERE, 1, 140 + i);
        check(0);
    }
    assert_int_equal(event_count, 1);
}

static void traffic_stops_on_both(void **state)
{
    (void)state;
    add(1, HERE, THERE, 0, 100);
    add(2, HERE, THERE, 100, 103);
    add(8, THERE, HERE, 0, 101);
    add(9, THERE, HERE, 101, 120);
    assert_int_equal(check(0), 2);
    add(9, THERE, HERE, 101, 134);
    assert_int_equal(check(0), 0);
    add(9, THERE, HERE, 101, 135);
    assert_int_equal(check(0), 1);
    assert_int_equal(events[2].kind, EVENT_ROLLOVER_FAILED);
    assert_int_equal(events[2].key.spi, 2);
    assert_int_equal(events[2].value, 0);
    add(9, THERE, HERE, 101, 200);
    assert_int_equal(check(0), 0);
}

/* The other direction goes on for five seconds from SECOND on. */
static void goes_on_there(int second)
{
    for (int i = 0; i < 5; i++) {
        add(9, THERE, HERE, 101, second + i);
        check(0);
    }
}

/* A direction whose old SA was as quiet has not stopped. */
static void a_quiet_direction(void **state)
{
    (void)state;
    add(1, HERE, THERE, 0, 100);
    lineage.kin[0].longest_ns = 4 * NS_PER_SECOND;
    add(2, HERE, THERE, 100, 103);
    add(8, THERE, HERE, 0, 101);
    goes_on_there(138);
    assert_int_equal(event_count, 2);
    add(9, THERE, HERE, 101, 144);
    assert_int_equal(check(0), 0);
    add(9, THERE, HERE, 101, 145);
    assert_int_equal(check(0), 1);
    assert_int_equal(events[2].kind, EVENT_ROLLOVER_FAILED);
}

/* Another host behind the same NAT goes on, but the answers to this one end, too. */
static void ports_tell_hosts_behind_a_nat_apart(void **state)
{
    const struct flow_key here = {.source_port = 10001, .destination_port = 4500};
    const struct flow_key there = {.source_port = 4500, .destination_port = 10002};

    (void)state;
    add(1, HERE, THERE, 0, 100);
    add(2, HERE, THERE, 100, 103);
    lineage.kin[0].ports = lineage.kin[1].ports = here.ports;
    for (int i = 0; i < 5; i++) {
        add(9, THERE, HERE, 0, 140 + i);
        lineage.kin[lineage.count - 1].ports = there.ports;
        check(0);
    }
    assert_int_equal(event_count, 1);
}

/* A new SA that worked for a while is just silent. */
static void it_stops_later(void **state)
{
    (void)state;
    add(1, HERE, THERE, 0, 100);
    add(2, HERE, THERE, 100, 110);
    add(8, THERE, HERE, 0, 101);
    goes_on_there(150);
    assert_int_equal(event_count, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_rekey_is_told_once_when_it_is_sure),
        TEST(the_end_of_the_capture_decides),
        TEST(what_was_not_kept_is_told_again),
        TEST(it_is_undone_when_the_old_one_goes_on),
        TEST(one_sided),
        TEST(both_sides_change),
        TEST(the_other_side_is_a_set),
        TEST(traffic_stops_on_both),
        TEST(a_quiet_direction),
        TEST(ports_tell_hosts_behind_a_nat_apart),
        TEST(it_stops_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
