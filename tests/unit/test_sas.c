/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The SAs that a report lists: of flows that go on, that left, and that came back. */
#include "report/sas.h"

#include <string.h>

#include "base/units.h"
#include "unit.h"

#define START_NS (UINT64_C(1735689600) * NS_PER_SECOND)
#define FRAMES   2000 /* of an SA: after so many, what was before is closed */
#define SAS_MAX  8

static struct tracker tracker;
static struct tracker *const trackers[] = {&tracker};
static struct report report;
static uint64_t now_ns;

static struct sa_change found[SAS_MAX];
static size_t found_count;

static int begin(void **state)
{
    (void)state;
    now_ns = START_NS;
    if (tracker_init(&tracker, WINDOW_DEFAULT, 100) < 0)
        return -1;
    tracker_keep_sas(&tracker);
    return 0;
}

static int end(void **state)
{
    (void)state;
    report_release(&report);
    tracker_release(&tracker);
    return 0;
}

/* FRAMES of the SA with ASSOCIATION of the channel SCI, from number 1 on; the first LOST are lost.
 */
static void receive(uint64_t sci, uint8_t association, uint32_t lost)
{
    for (uint32_t number = 1 + lost; number <= FRAMES; number++) {
        struct frame_record record = {
            .timestamp_ns = now_ns += NS_PER_SECOND / 1000,
            .key = {.protocol = OUTCOME_MACSEC, .sci = sci},
            .wire_bytes = 100,
            .sequence = number,
            .association = association,
            .wire_packets = 1,
        };

        tracker_receive(&tracker, &record, 1, NULL);
    }
}

static int take(void *context, const struct sa_change *sa)
{
    (void)context;
    assert_true(found_count < SAS_MAX);
    found[found_count++] = *sa;
    return 0;
}

/* Finds the SAs of the only flow in the report with SCI. */
static void find(uint64_t sci)
{
    found_count = 0;
    for (size_t i = 0; i < report.flow_count; i++)
        if (report.flows[i].flow->key.sci == sci)
            sas_of(&report, &report.flows[i], take, NULL);
}

static void prepare(void)
{
    tracker_finish(&tracker);
    report = (struct report){.end_ns = now_ns};
    assert_int_equal(report_prepare(&report, trackers, 1), 0);
}

static void each_is_listed_the_newest_first(void **state)
{
    (void)state;
    for (uint8_t association = 0; association < 4; association++) {
        receive(1, association, association ? 10u * association : 0);
        receive(2, 0, 0);
    }
    prepare();
    find(1);
    assert_int_equal(found_count, 4);
    for (unsigned i = 0; i < 4; i++) {
        unsigned association = 3 - i;

        assert_int_equal(found[i].association, association);
        assert_int_equal(found[i].generation, association);
        assert_int_equal(found[i].has_ended, i > 0);
        assert_int_equal(found[i].figures.lost[CAUSE_NETWORK], 10 * association);
        assert_int_equal(found[i].figures.received, FRAMES - 10 * association);
    }
    assert_int_equal(report.sas_omitted, 0);
}

static void those_of_a_flow_that_left_have_ended(void **state)
{
    (void)state;
    receive(1, 0, 0);
    receive(1, 1, 0);
    tracker_expire_idle(&tracker, now_ns + 1);
    prepare();
    assert_int_equal(report.flows_departed, 1);
    find(1);
    assert_int_equal(found_count, 2);
    assert_true(found[0].has_ended && found[1].has_ended);
    assert_int_equal(found[0].association, 1);
}

/* The figures of a flow that came back are those since then; so are its SAs. */
static void those_before_it_left_are_not_listed(void **state)
{
    (void)state;
    receive(1, 0, 0);
    receive(1, 1, 0);
    tracker_expire_idle(&tracker, now_ns + 1);
    receive(1, 2, 0);
    prepare();
    find(1);
    assert_int_equal(found_count, 1);
    assert_int_equal(found[0].association, 2);
    assert_false(found[0].has_ended);
}

static void without_being_asked_none_are_kept(void **state)
{
    (void)state;
    tracker.sequencer.sa_log = NULL;
    receive(1, 0, 0);
    receive(1, 1, 0);
    receive(1, 2, 0);
    prepare();
    assert_int_equal(tracker.sas.count, 0);
    assert_int_equal(report.sa_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_is_listed_the_newest_first, begin, end),
        cmocka_unit_test_setup_teardown(those_of_a_flow_that_left_have_ended, begin, end),
        cmocka_unit_test_setup_teardown(those_before_it_left_are_not_listed, begin, end),
        cmocka_unit_test_setup_teardown(without_being_asked_none_are_kept, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
