/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/clock.h"

#include "base/units.h"
#include "unit.h"

#define DAY_NS (24 * 3600 * NS_PER_SECOND)
#define NOW_NS (UINT64_C(1700000000) * NS_PER_SECOND)

static void stamps_in_order_are_times(void **state)
{
    struct file_clock clock = {0};

    (void)state;
    assert_int_equal(file_clock_time(&clock, NOW_NS), NOW_NS);
    assert_int_equal(file_clock_time(&clock, NOW_NS + 1), NOW_NS + 1);
    assert_int_equal(file_clock_time(&clock, NOW_NS + 20 * DAY_NS), NOW_NS + 20 * DAY_NS);
    assert_int_equal(file_clock_time(&clock, NOW_NS + 20 * DAY_NS - 5), NOW_NS + 20 * DAY_NS - 5);
    assert_int_equal(clock.steps, 0);
}

static void one_absurd_stamp_is_one_step(void **state)
{
    static const uint64_t absurd[] = {1, NOW_NS + 5000 * DAY_NS, INT64_MAX};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct file_clock clock = {0};

        file_clock_time(&clock, NOW_NS);
        file_clock_time(&clock, NOW_NS + 1);
        assert_int_equal(file_clock_time(&clock, absurd[i]), NOW_NS + 1);
        assert_int_equal(file_clock_time(&clock, NOW_NS + 7), NOW_NS + 7);
        assert_int_equal(clock.steps, 1);
    }
}

static void an_absurd_stamp_may_look_like_a_pause_until_the_next_frame(void **state)
{
    struct file_clock clock = {0};

    (void)state;
    file_clock_time(&clock, NOW_NS);
    file_clock_time(&clock, NOW_NS + 1);
    assert_int_equal(file_clock_time(&clock, NOW_NS + DAY_NS), NOW_NS + DAY_NS);
    assert_true(clock.is_open);
    assert_int_equal(file_clock_time(&clock, NOW_NS + 7), NOW_NS + 7);
    assert_int_equal(clock.wrong, WRONG_LAST);
    assert_int_equal(clock.before_ns, NOW_NS + 1);
    assert_int_equal(clock.steps, 1);
    assert_int_equal(file_clock_time(&clock, NOW_NS + 8), NOW_NS + 8);
    assert_int_equal(clock.wrong, WRONG_NONE);
}

static void a_pause_is_no_step(void **state)
{
    struct file_clock clock = {0};

    (void)state;
    file_clock_time(&clock, NOW_NS);
    file_clock_time(&clock, NOW_NS + DAY_NS);
    assert_int_equal(file_clock_time(&clock, NOW_NS + DAY_NS + 7), NOW_NS + DAY_NS + 7);
    assert_int_equal(clock.wrong, WRONG_NONE);
    assert_int_equal(clock.steps, 0);
}

static void the_first_stamp_may_be_the_absurd_one(void **state)
{
    static const uint64_t absurd[] = {0, 1, NOW_NS + 5000 * DAY_NS};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct file_clock clock = {0};

        file_clock_time(&clock, absurd[i]);
        assert_int_equal(file_clock_time(&clock, NOW_NS), absurd[i]);
        assert_int_equal(file_clock_time(&clock, NOW_NS + 7), NOW_NS + 7);
        assert_int_equal(clock.wrong, WRONG_ALL);
        assert_int_equal(clock.before_ns, NOW_NS);
        assert_int_equal(file_clock_time(&clock, NOW_NS + 9), NOW_NS + 9);
        assert_int_equal(clock.wrong, WRONG_NONE);
        assert_int_equal(clock.steps, 1);
    }
}

static void the_second_stamp_may_be_the_absurd_one(void **state)
{
    static const uint64_t absurd[] = {0, NOW_NS - DAY_NS, NOW_NS + DAY_NS, NOW_NS + 5000 * DAY_NS};

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct file_clock clock = {0};

        file_clock_time(&clock, NOW_NS);
        file_clock_time(&clock, absurd[i]);
        assert_int_equal(file_clock_time(&clock, NOW_NS + 7), NOW_NS + 7);
        assert_int_equal(file_clock_time(&clock, NOW_NS + 9), NOW_NS + 9);
        assert_int_equal(clock.steps, 1);
    }
}

static void a_clock_that_was_set_goes_on(void **state)
{
    struct file_clock clock = {0};

    (void)state;
    assert_int_equal(file_clock_time(&clock, 1000), 1000);
    assert_int_equal(file_clock_time(&clock, 1010), 1010);
    assert_int_equal(file_clock_time(&clock, NOW_NS), 1010);
    assert_int_equal(file_clock_time(&clock, NOW_NS + 500), 1510);
    assert_int_equal(file_clock_time(&clock, NOW_NS + 900), 1910);
    assert_int_equal(clock.steps, 1);
}

static void a_clock_that_was_never_set_counts_for_the_next_file(void **state)
{
    struct file_clock clock = {0};

    (void)state;
    file_clock_time(&clock, 1000);
    file_clock_time(&clock, 1010);
    file_clock_next_file(&clock);
    assert_int_equal(file_clock_time(&clock, NOW_NS), 1010);
    assert_int_equal(clock.steps, 1);
    clock = (struct file_clock){0};
    file_clock_time(&clock, NOW_NS);
    file_clock_next_file(&clock);
    assert_int_equal(file_clock_time(&clock, NOW_NS + 400 * DAY_NS), NOW_NS + 400 * DAY_NS);
    assert_int_equal(clock.steps, 0);
}

static void each_change_between_two_clocks_is_a_step(void **state)
{
    static const unsigned alone[] = {0, 1, 0, 1, 0, 1, 0}, blocks[] = {0, 0, 1, 1, 0, 0, 1, 1};
    struct file_clock clock = {0};

    (void)state;
    for (unsigned i = 0; i < 7; i++)
        assert_int_equal(file_clock_time(&clock, (alone[i] ? 1000 : NOW_NS) + i),
                         NOW_NS + i - alone[i]);
    assert_int_equal(clock.steps, 3); /* single wrong timestamps */
    clock = (struct file_clock){0};
    for (unsigned i = 0; i < 8; i++)
        file_clock_time(&clock, (blocks[i] ? 1000 : NOW_NS) + i);
    assert_int_equal(clock.steps, 3);
}

static void no_time_passes_between_two_clocks_an_hour_apart(void **state)
{
    static const unsigned behind[] = {0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0};
    struct file_clock clock = {0};

    (void)state;
    for (unsigned i = 0; i < 14; i++)
        assert_in_range(file_clock_time(&clock, NOW_NS + i - behind[i] * DAY_NS / 24), NOW_NS,
                        NOW_NS + i);
    assert_false(clock.is_open);
}

static void a_file_before_1990_behind_a_later_one_is_a_step(void **state)
{
    struct file_clock clock = {0};

    (void)state;
    file_clock_time(&clock, NOW_NS);
    file_clock_next_file(&clock);
    assert_int_equal(file_clock_time(&clock, 1000), NOW_NS);
    assert_int_equal(file_clock_time(&clock, 1010), NOW_NS + 10);
    assert_int_equal(clock.steps, 1);
}

static void a_file_may_begin_at_another_time_than_its_first_stamp(void **state)
{
    struct file_clock clock = {0};

    (void)state;
    file_clock_begin_at(&clock, INT64_MAX, NOW_NS);
    assert_int_equal(file_clock_time(&clock, INT64_MAX), NOW_NS);
    assert_int_equal(clock.steps, 0);
    assert_int_equal(file_clock_time(&clock, NOW_NS + 5), NOW_NS + 5);
    assert_int_equal(file_clock_time(&clock, NOW_NS + 7), NOW_NS + 7);
    assert_int_equal(clock.steps, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamps_in_order_are_times),
        cmocka_unit_test(one_absurd_stamp_is_one_step),
        cmocka_unit_test(an_absurd_stamp_may_look_like_a_pause_until_the_next_frame),
        cmocka_unit_test(a_pause_is_no_step),
        cmocka_unit_test(the_first_stamp_may_be_the_absurd_one),
        cmocka_unit_test(the_second_stamp_may_be_the_absurd_one),
        cmocka_unit_test(a_clock_that_was_set_goes_on),
        cmocka_unit_test(a_clock_that_was_never_set_counts_for_the_next_file),
        cmocka_unit_test(each_change_between_two_clocks_is_a_step),
        cmocka_unit_test(no_time_passes_between_two_clocks_an_hour_apart),
        cmocka_unit_test(a_file_before_1990_behind_a_later_one_is_a_step),
        cmocka_unit_test(a_file_may_begin_at_another_time_than_its_first_stamp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
