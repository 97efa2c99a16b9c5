/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file_clock.h"

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
        assert_int_equal(file_clock_time(&clock, absurd[i]), NOW_NS);
        assert_int_equal(file_clock_time(&clock, NOW_NS + 7), NOW_NS + 7);
        assert_int_equal(clock.steps, 1);
    }
}

static void a_clock_that_was_set_goes_on(void **state)
{
    struct file_clock clock = {0};

    (void)state;
    assert_int_equal(file_clock_time(&clock, 1000), 1000);
    assert_int_equal(file_clock_time(&clock, NOW_NS), 1000);
    assert_int_equal(file_clock_time(&clock, NOW_NS + 500), 1500);
    assert_int_equal(file_clock_time(&clock, NOW_NS + 900), 1900);
    assert_int_equal(clock.steps, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamps_in_order_are_times),
        cmocka_unit_test(one_absurd_stamp_is_one_step),
        cmocka_unit_test(a_clock_that_was_set_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
