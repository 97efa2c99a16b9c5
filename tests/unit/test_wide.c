/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/wide.h"

#include "unit.h"

static void assert_wide(wide a, uint64_t high, uint64_t low)
{
    assert_int_equal(wide_high(a), high);
    assert_int_equal(wide_low(a), low);
}

static void test_sums_carry(void **state)
{
    (void)state;
    assert_wide(wide_add(wide_of(1, UINT64_MAX), wide_of(2, 1)), 4, 0);
    assert_wide(wide_subtract(wide_of(4, 0), wide_of(2, 1)), 1, UINT64_MAX);
}

static void test_products(void **state)
{
    (void)state;
    assert_wide(wide_product(UINT64_MAX, UINT64_MAX), UINT64_MAX - 1, 1);
    assert_wide(wide_product(UINT64_C(0x123456789ABCDEF0), 0x10), 1, UINT64_C(0x23456789ABCDEF00));
    assert_wide(wide_times(wide_of(3, UINT64_C(1) << 63), 2), 7, 0);
}

static void test_floating_point(void **state)
{
    (void)state;
    assert_true(wide_to_double(wide_of(1, 0)) == 18446744073709551616.0);
    assert_wide(wide_from_double(18446744073709551616.0 * 3 + 8192), 3, 8192);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_carry),
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_floating_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
