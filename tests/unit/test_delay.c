/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Delays: percentiles found by selection are those of sorted delays. */
#include "compare/delay/delay.h"

#include <stdlib.h>

#include "unit.h"

#define ROUNDS    300
#define COUNT_MAX 400

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

/* Adds COUNT delays of at most RANGE different values to DELAYS and VALUES. */
static void add_random(struct delays *delays, int64_t *values, size_t count, int range)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = rand() % range - range / 2;
        assert_int_equal(delays_add(delays, values[i]), 0);
    }
    qsort(values, count, sizeof(*values), compare);
}

static void percentiles_are_those_of_sorted_delays(void **state)
{
    struct delays delays = {0};
    int64_t values[COUNT_MAX];

    (void)state;
    srand(1);
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = 1 + (size_t)rand() % COUNT_MAX;
        struct delay_figures figures;

        delays_clear(&delays);
        add_random(&delays, values, count, round % 2 ? 7 : 1000000);
        figures = delays_figures(&delays);
        assert_int_equal(figures.samples, count);
        assert_int_equal(figures.min, values[0]);
        assert_int_equal(figures.max, values[count - 1]);
        assert_int_equal(figures.p50, values[(count * 50 + 99) / 100 - 1]);
        assert_int_equal(figures.p95, values[(count * 95 + 99) / 100 - 1]);
        assert_int_equal(figures.p99, values[(count * 99 + 99) / 100 - 1]);
    }
    delays_release(&delays);
}

static void the_mean_is_exact(void **state)
{
    struct delays delays = {0};

    (void)state;
    for (int i = 0; i < 1000; i++) /* 5 s, and 0 to 999 ns */
        delays_add(&delays, INT64_C(5000000000) + i);
    assert_true(delays_figures(&delays).mean == 5000000499.5);
    delays_release(&delays);
}

static void without_delays_all_is_0(void **state)
{
    struct delays delays = {0};
    struct delay_figures figures = delays_figures(&delays);

    (void)state;
    assert_int_equal(figures.samples, 0);
    assert_int_equal(figures.min, 0);
    assert_int_equal(figures.p99, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_those_of_sorted_delays),
        cmocka_unit_test(the_mean_is_exact),
        cmocka_unit_test(without_delays_all_is_0),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
