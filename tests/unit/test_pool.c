/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/pool.h"

#include "unit.h"

static void stays_within_its_limit(void **state)
{
    struct pool pool;

    (void)state;
    assert_int_equal(pool_init(&pool, 16, 3), 0);
    assert_int_not_equal(pool_take(&pool), POOL_NONE);
    assert_int_not_equal(pool_take(&pool), POOL_NONE);
    assert_int_not_equal(pool_take(&pool), POOL_NONE);
    assert_int_equal(pool_take(&pool), POOL_NONE);
    assert_int_equal(pool.count, 3);
    pool_release(&pool);
}

static void gives_out_again_what_came_back(void **state)
{
    struct pool pool;
    uint32_t first, second;

    (void)state;
    assert_int_equal(pool_init(&pool, 16, 2), 0);
    first = pool_take(&pool);
    second = pool_take(&pool);
    pool_return(&pool, first);
    pool_return(&pool, second);
    assert_int_equal(pool_take(&pool), second);
    assert_int_equal(pool_take(&pool), first);
    assert_int_equal(pool_take(&pool), POOL_NONE);
    pool_release(&pool);
}

static void elements_do_not_overlap_or_move(void **state)
{
    enum { COUNT = 70 << POOL_CHUNK_SHIFT }; /* more than two groups of chunks */
    struct pool pool;

    (void)state;
    assert_int_equal(pool_init(&pool, sizeof(uint64_t), COUNT), 0);
    for (uint64_t i = 1; i <= COUNT; i++) {
        uint32_t handle = pool_take(&pool);

        assert_int_equal(handle, i);
        *(uint64_t *)pool_at(&pool, handle) = i;
    }
    for (uint32_t i = 1; i <= COUNT; i++)
        assert_int_equal(*(uint64_t *)pool_at(&pool, i), i);
    pool_release(&pool);
}

static void releasing_nothing_is_harmless(void **state)
{
    struct pool pool = {0};

    (void)state;
    pool_release(&pool);
    pool_release(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_within_its_limit),
        cmocka_unit_test(gives_out_again_what_came_back),
        cmocka_unit_test(elements_do_not_overlap_or_move),
        cmocka_unit_test(releasing_nothing_is_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
