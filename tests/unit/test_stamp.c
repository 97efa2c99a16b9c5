/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/capture_file/stamp.h"

#include "base/units.h"
#include "unit.h"

static uint64_t stamp(uint8_t resolution, int64_t offset_seconds, uint64_t ticks)
{
    struct stamp_unit unit;

    stamp_unit_set(&unit, resolution, offset_seconds);
    assert_int_equal(stamp_ns(&unit, ticks), stamp_of_ticks(&unit, ticks));
    return stamp_ns(&unit, ticks);
}

static void ticks_are_powers_of_ten(void **state)
{
    (void)state;
    assert_int_equal(stamp(0, 0, 7), 7 * NS_PER_SECOND);
    assert_int_equal(stamp(6, 0, 1500000), 3 * NS_PER_SECOND / 2);
    assert_int_equal(stamp(9, 0, 123456789012), 123456789012);
    assert_int_equal(stamp(12, 0, 1999), 1);
    assert_int_equal(stamp(19, 0, UINT64_MAX), 1844674407);
    assert_int_equal(stamp(20, 0, UINT64_MAX), 0);
    assert_int_equal(stamp(127, 0, UINT64_MAX), 0);
}

static void ticks_are_powers_of_two(void **state)
{
    (void)state;
    assert_int_equal(stamp(0x80, 0, 7), 7 * NS_PER_SECOND);
    assert_int_equal(stamp(0x80 | 1, 0, 3), 3 * NS_PER_SECOND / 2);
    assert_int_equal(stamp(0x80 | 32, 0, UINT64_C(5) << 31), 5 * NS_PER_SECOND / 2);
    assert_int_equal(stamp(0x80 | 63, 0, UINT64_C(3) << 62), 3 * NS_PER_SECOND / 2);
    assert_int_equal(stamp(0x80 | 64, 0, UINT64_C(1) << 63), NS_PER_SECOND / 2);
    assert_int_equal(stamp(0x80 | 127, 0, UINT64_MAX), 0);
}

static void offsets_are_added(void **state)
{
    (void)state;
    assert_int_equal(stamp(6, 10, 1), 10 * NS_PER_SECOND + 1000);
    assert_int_equal(stamp(6, -10, 12000001), 2 * NS_PER_SECOND + 1000);
}

static void times_stay_between_1970_and_2262(void **state)
{
    (void)state;
    assert_int_equal(stamp(0, 0, UINT64_MAX), INT64_MAX);
    assert_int_equal(stamp(6, 0, UINT64_MAX), INT64_MAX);
    assert_int_equal(stamp(0, INT64_MAX, 5), INT64_MAX);
    assert_int_equal(stamp(0, INT64_MIN, 5), 0);
    assert_int_equal(stamp(6, -10, 9999999), 0);
}

static void records_may_have_more_than_a_second(void **state)
{
    (void)state;
    assert_int_equal(stamp_of_record(5, 1500000, 1000), 13 * NS_PER_SECOND / 2);
    assert_int_equal(stamp_of_record(5, UINT32_MAX, 1000), 6 * NS_PER_SECOND - 1);
    assert_int_equal(stamp_of_record(UINT32_MAX, 1, 1), UINT32_MAX * NS_PER_SECOND + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_powers_of_ten),
        cmocka_unit_test(ticks_are_powers_of_two),
        cmocka_unit_test(offsets_are_added),
        cmocka_unit_test(times_stay_between_1970_and_2262),
        cmocka_unit_test(records_may_have_more_than_a_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
