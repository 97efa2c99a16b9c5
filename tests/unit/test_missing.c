/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Runs of missing numbers that touch: they are one gap only when they have one cause. */
#include "track/sequence/channel.h"
#include "track/tracker.h"

#include "unit.h"

static struct tracker tracker;
static struct flow *flow;
static struct arrival arrival;

/* A flow that received the numbers 100 to 102. */
static int begin(void **state)
{
    struct frame_record frame = {
        .key = {.protocol = OUTCOME_ESP, .family = 4, .spi = 0x1001},
        .wire_bytes = 100,
        .wire_packets = 1,
    };

    (void)state;
    assert_int_equal(tracker_init(&tracker, WINDOW_DEFAULT, 10), 0);
    for (frame.sequence = 100; frame.sequence <= 102; frame.sequence++)
        tracker_receive(&tracker, &frame, 1, NULL);
    flow = flow_table_at(&tracker.table, flow_table_oldest(&tracker.table));
    arrival = (struct arrival){.sequencer = &tracker.sequencer, .flow = flow};
    position_at(&tracker.sequencer, flow->position)->start = 1;
    return 0;
}

static int end(void **state)
{
    (void)state;
    tracker_release(&tracker);
    return 0;
}

static struct position *position(void)
{
    return position_at(&tracker.sequencer, flow->position);
}

static struct missing_run run(uint64_t first, uint64_t last, uint32_t was_dropping)
{
    return (struct missing_run){.first = first, .last = last, .was_dropping = was_dropping};
}

/* Declares everything lost, and checks the number of gaps and the loss by cause. */
static void expect(uint64_t gaps, uint64_t network, uint64_t undetermined)
{
    const struct sequence_figures *figures = &position()->figures;

    missing_expire(&tracker.sequencer, flow, position(), UINT64_MAX);
    assert_int_equal(figures->gaps, gaps);
    assert_int_equal(tracker.gaps.count, gaps);
    assert_int_equal(figures->lost[CAUSE_NETWORK], network);
    assert_int_equal(figures->lost[CAUSE_UNDETERMINED], undetermined);
}

static void append(uint64_t first, uint64_t last, uint32_t was_dropping)
{
    struct missing_run added = run(first, last, was_dropping);

    missing_append(&arrival, position(), &added);
}

static void prepend(uint64_t first, uint64_t last, uint32_t was_dropping)
{
    struct missing_run added = run(first, last, was_dropping);

    missing_prepend(&arrival, position(), &added);
}

static void appended_runs(void **state)
{
    (void)state;
    append(1000, 1004, 0);
    append(1005, 1007, 0);
    append(1008, 1008, 1);
    append(1009, 1010, 1);
    append(1011, 1020, 0);
    expect(3, 18, 3);
}

static void prepended_runs(void **state)
{
    (void)state;
    prepend(1011, 1020, 0);
    prepend(1009, 1010, 1);
    prepend(1008, 1008, 1);
    prepend(1005, 1007, 0);
    prepend(1000, 1004, 0);
    expect(3, 18, 3);
}

/* A number that is missing again joins the runs beside it, unless the sensor may have lost them. */
static void inserted_numbers(void **state)
{
    static const struct {
        uint32_t before, behind;
        uint64_t gaps, network, undetermined;
    } cases[] = {{0, 0, 1, 6, 0}, {1, 0, 2, 4, 2}, {0, 1, 2, 3, 3}, {1, 1, 3, 1, 5}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        end(state);
        begin(state);
        append(1000, 1001, cases[i].before);
        append(1003, 1005, cases[i].behind);
        assert_int_equal(missing_insert(&tracker.sequencer, position(), 1002, 5), 1);
        assert_int_equal(missing_insert(&tracker.sequencer, position(), 1002, 5), 0);
        expect(cases[i].gaps, cases[i].network, cases[i].undetermined);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(appended_runs),
        TEST(prepended_runs),
        TEST(inserted_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
