/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/flows/flow_table.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static struct flow_key key_of(uint64_t number)
{
    return (struct flow_key){.protocol = 1, .sci = number};
}

static uint32_t add(struct flow_table *table, uint64_t number)
{
    struct flow_key key = key_of(number);

    return flow_table_add(table, &key, flow_table_hash(table, &key));
}

static uint32_t find(const struct flow_table *table, uint64_t number)
{
    struct flow_key key = key_of(number);

    return flow_table_find(table, &key, flow_table_hash(table, &key));
}

static void finds_what_was_added_through_growth(void **state)
{
    enum { COUNT = 10000 };
    struct flow_table table;

    (void)state;
    assert_int_equal(flow_table_init(&table, COUNT), 0);
    for (uint64_t i = 0; i < COUNT; i++) {
        assert_int_equal(find(&table, i), POOL_NONE);
        assert_int_not_equal(add(&table, i), POOL_NONE);
    }
    for (uint64_t i = 0; i < COUNT; i++)
        assert_int_equal(flow_table_at(&table, find(&table, i))->key.sci, i);
    assert_int_equal(add(&table, COUNT), POOL_NONE);
    flow_table_release(&table);
}

/* Random additions and removals, compared with a simple array. */
static void removing_loses_no_other_flow(void **state)
{
    enum { KEYS = 3000, STEPS = 100000 };
    static unsigned char present[KEYS];
    struct flow_table table;

    (void)state;
    srand(1);
    memset(present, 0, sizeof(present));
    assert_int_equal(flow_table_init(&table, KEYS), 0);
    for (int step = 0; step < STEPS; step++) {
        uint64_t number = (uint64_t)(rand() % KEYS);
        uint32_t handle = find(&table, number);

        assert_int_equal(handle != POOL_NONE, present[number]);
        if (handle != POOL_NONE)
            flow_table_remove(&table, handle);
        else
            assert_int_not_equal(add(&table, number), POOL_NONE);
        present[number] = !present[number];
    }
    for (uint64_t i = 0; i < KEYS; i++)
        assert_int_equal(find(&table, i) != POOL_NONE, present[i]);
    flow_table_release(&table);
}

/* All hashes are equal, so the slots form one run, which wraps around the end of the index. */
static void equal_hashes_are_told_apart(void **state)
{
    enum { COUNT = 100 };
    struct flow_table table;
    struct flow_key key;

    (void)state;
    assert_int_equal(flow_table_init(&table, COUNT), 0);
    for (uint64_t i = 0; i < COUNT; i++) {
        key = key_of(i);
        assert_int_not_equal(flow_table_add(&table, &key, UINT32_MAX - 10), POOL_NONE);
    }
    for (uint64_t i = 0; i < COUNT; i++) {
        key = key_of(i);
        assert_int_equal(
            flow_table_at(&table, flow_table_find(&table, &key, UINT32_MAX - 10))->key.sci, i);
    }
    flow_table_release(&table);
}

static void oldest_is_the_least_recently_used(void **state)
{
    struct flow_table table;
    uint32_t a, b, c;

    (void)state;
    assert_int_equal(flow_table_init(&table, 10), 0);
    assert_int_equal(flow_table_oldest(&table), POOL_NONE);
    a = add(&table, 1);
    b = add(&table, 2);
    c = add(&table, 3);
    flow_table_touch(&table, a);
    assert_int_equal(flow_table_oldest(&table), b);
    assert_int_equal(flow_table_newer(&table, b), c);
    assert_int_equal(flow_table_newer(&table, c), a);
    assert_int_equal(flow_table_newer(&table, a), POOL_NONE);
    flow_table_remove(&table, b);
    assert_int_equal(flow_table_oldest(&table), c);
    flow_table_touch(&table, c);
    flow_table_touch(&table, c);
    assert_int_equal(flow_table_oldest(&table), a);
    flow_table_release(&table);
}

/* The mark is an entry in the order of use that iteration does not show. */
static void the_mark_tells_what_was_used_since(void **state)
{
    struct flow_table table;
    uint32_t a, b, c;

    (void)state;
    assert_int_equal(flow_table_init(&table, 3), 0);
    assert_int_equal(flow_table_used_since_mark(&table), POOL_NONE);
    a = add(&table, 1);
    b = add(&table, 2);
    c = add(&table, 3);
    assert_int_equal(flow_table_used_since_mark(&table), a);
    flow_table_mark(&table, b);
    assert_int_equal(flow_table_used_since_mark(&table), c);
    assert_int_equal(flow_table_newer(&table, b), c);
    flow_table_mark(&table, c);
    assert_int_equal(flow_table_used_since_mark(&table), POOL_NONE);
    assert_int_equal(flow_table_newer(&table, c), POOL_NONE);
    flow_table_touch(&table, c); /* although it is the newest */
    assert_int_equal(flow_table_used_since_mark(&table), c);
    flow_table_remove(&table, c);
    assert_int_equal(flow_table_used_since_mark(&table), POOL_NONE);
    flow_table_mark(&table, POOL_NONE);
    assert_int_equal(flow_table_oldest(&table), a);
    assert_int_equal(flow_table_used_since_mark(&table), a);
    flow_table_release(&table);
}

static void hash_depends_on_every_octet_and_on_the_seed(void **state)
{
    struct flow_table table, other;
    struct flow_key key = key_of(7);
    uint32_t hash;

    (void)state;
    assert_int_equal(flow_table_init(&table, 1), 0);
    assert_int_equal(flow_table_init(&other, 1), 0);
    hash = flow_table_hash(&table, &key);
    assert_int_equal(flow_table_hash(&table, &key), hash);
    assert_int_not_equal(flow_table_hash(&other, &key), hash); /* fails once in 2^32 runs */
    for (size_t i = 0; i < sizeof(key); i++) {
        struct flow_key changed = key;

        ((unsigned char *)&changed)[i] ^= 1;
        assert_int_not_equal(flow_table_hash(&table, &changed), hash);
    }
    flow_table_release(&table);
    flow_table_release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_added_through_growth),
        cmocka_unit_test(removing_loses_no_other_flow),
        cmocka_unit_test(equal_hashes_are_told_apart),
        cmocka_unit_test(oldest_is_the_least_recently_used),
        cmocka_unit_test(the_mark_tells_what_was_used_since),
        cmocka_unit_test(hash_depends_on_every_octet_and_on_the_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
