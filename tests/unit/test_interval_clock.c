/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/interval_clock.h"

#include "base/units.h"
#include "unit.h"

#define SECONDS(n) ((n)*NS_PER_SECOND)

static struct interval_clock clock;

static void expect(struct batch_interval interval, uint64_t start_s, uint64_t end_s)
{
    assert_int_equal(interval.start_ns, SECONDS(start_s));
    assert_int_equal(interval.end_ns, SECONDS(end_s));
}

static void intervals_start_at_multiples_of_their_length(void **state)
{
    (void)state;
    interval_clock_init(&clock, SECONDS(5), 0);
    assert_false(interval_clock_is_over(&clock, SECONDS(103)));
    assert_false(interval_clock_is_over(&clock, SECONDS(105) - 1));
    assert_true(interval_clock_is_over(&clock, SECONDS(105)));
    expect(interval_clock_collect(&clock, SECONDS(105)), 100, 105);
    assert_false(interval_clock_is_over(&clock, SECONDS(105)));
}

static void what_is_collected_early_belongs_to_the_same_interval(void **state)
{
    (void)state;
    interval_clock_init(&clock, SECONDS(5), 0);
    expect(interval_clock_collect(&clock, SECONDS(101)), 100, 105);
    expect(interval_clock_collect(&clock, SECONDS(102)), 100, 105);
    expect(interval_clock_collect(&clock, SECONDS(106)), 100, 105);
    expect(interval_clock_collect(&clock, SECONDS(107)), 105, 110);
}

static void an_interval_that_was_not_collected_in_time_is_longer(void **state)
{
    (void)state;
    interval_clock_init(&clock, SECONDS(5), 0);
    interval_clock_collect(&clock, SECONDS(100));
    interval_clock_extend(&clock, SECONDS(112));
    assert_false(interval_clock_is_over(&clock, SECONDS(114)));
    expect(interval_clock_collect(&clock, SECONDS(131)), 100, 130);
    expect(interval_clock_collect(&clock, SECONDS(135)), 130, 135);
}

/* Times of a file may jump, also backwards. What was collected belongs before the jump. */
static void a_file_has_the_intervals_of_its_frames(void **state)
{
    (void)state;
    interval_clock_init(&clock, SECONDS(5), 1);
    assert_false(interval_clock_is_over(&clock, SECONDS(1000)));
    assert_true(interval_clock_is_over(&clock, SECONDS(5000)));
    expect(interval_clock_collect(&clock, SECONDS(5000)), 1000, 1005);
    assert_true(interval_clock_is_over(&clock, SECONDS(7)));
    expect(interval_clock_collect(&clock, SECONDS(7)), 5000, 5005);
    expect(interval_clock_collect(&clock, SECONDS(7)), 5, 10);
}

/* Even when the times of frames are made to jump each time. */
static void the_intervals_of_a_file_are_bounded(void **state)
{
    const uint64_t year_s = 365 * 86400, end_s = UINT64_C(9000000000);
    int count = 0;

    (void)state;
    interval_clock_init(&clock, SECONDS(5), 1);
    for (uint64_t now_s = 0; now_s < year_s; now_s++) {
        if (interval_clock_is_over(&clock, SECONDS(now_s))) {
            interval_clock_collect(&clock, SECONDS(now_s));
            count++;
        }
    }
    assert_in_range(count, 3 * INTERVALS_OF_A_LENGTH, 9000);
    interval_clock_init(&clock, SECONDS(5), 1);
    count = 0;
    for (uint64_t i = 0; i < 1000000; i++) {
        uint64_t now_s = i % 2 ? i : end_s - i;

        if (interval_clock_is_over(&clock, SECONDS(now_s))) {
            interval_clock_collect(&clock, SECONDS(now_s));
            count++;
        }
    }
    assert_in_range(count, INTERVALS_OF_A_LENGTH, 64 * INTERVALS_OF_A_LENGTH);
}

static void live_intervals_keep_their_length(void **state)
{
    (void)state;
    interval_clock_init(&clock, SECONDS(5), 0);
    for (uint64_t i = 0; i < 10 * INTERVALS_OF_A_LENGTH; i++)
        interval_clock_collect(&clock, SECONDS(5 * i));
    expect(interval_clock_collect(&clock, SECONDS(50 * INTERVALS_OF_A_LENGTH)),
           50 * INTERVALS_OF_A_LENGTH - 5, 50 * INTERVALS_OF_A_LENGTH);
}

/* What was not collected yet moves with the clock, so no interval contains the jump. */
static void a_step_of_the_clock_is_in_no_interval(void **state)
{
    (void)state;
    interval_clock_init(&clock, SECONDS(5), 0);
    interval_clock_shift(&clock, SECONDS(3), SECONDS(98)); /* none to move */
    interval_clock_collect(&clock, SECONDS(103));
    interval_clock_shift(&clock, SECONDS(86402), SECONDS(86506));
    assert_false(interval_clock_is_over(&clock, SECONDS(86509)));
    expect(interval_clock_collect(&clock, SECONDS(86510)), 86500, 86510);
    expect(interval_clock_collect(&clock, SECONDS(86511)), 86510, 86515);
    interval_clock_shift(&clock, -SECONDS(86400), SECONDS(112));
    expect(interval_clock_collect(&clock, SECONDS(115)), 110, 115);
}

static void a_step_within_the_interval_changes_nothing(void **state)
{
    (void)state;
    interval_clock_init(&clock, SECONDS(5), 0);
    interval_clock_collect(&clock, SECONDS(101));
    interval_clock_shift(&clock, SECONDS(2), SECONDS(104));
    interval_clock_shift(&clock, -SECONDS(3), SECONDS(101));
    expect(interval_clock_collect(&clock, SECONDS(105)), 100, 105);
}

/* While nothing can be collected, the interval grows from where it moved to. */
static void a_step_before_a_late_collection(void **state)
{
    (void)state;
    interval_clock_init(&clock, SECONDS(5), 0);
    interval_clock_collect(&clock, SECONDS(100));
    interval_clock_extend(&clock, SECONDS(112));
    interval_clock_shift(&clock, SECONDS(1000), SECONDS(1113));
    expect(interval_clock_collect(&clock, SECONDS(1116)), 1100, 1115);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_start_at_multiples_of_their_length),
        cmocka_unit_test(what_is_collected_early_belongs_to_the_same_interval),
        cmocka_unit_test(an_interval_that_was_not_collected_in_time_is_longer),
        cmocka_unit_test(a_file_has_the_intervals_of_its_frames),
        cmocka_unit_test(the_intervals_of_a_file_are_bounded),
        cmocka_unit_test(live_intervals_keep_their_length),
        cmocka_unit_test(a_step_of_the_clock_is_in_no_interval),
        cmocka_unit_test(a_step_within_the_interval_changes_nothing),
        cmocka_unit_test(a_step_before_a_late_collection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
