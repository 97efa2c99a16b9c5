/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/gap.h"

#include "unit.h"

static void keeps_gaps_up_to_its_limit_and_counts_the_rest(void **state)
{
    enum { LIMIT = 1000 };
    struct gap_log log;

    (void)state;
    gap_log_init(&log, LIMIT);
    for (uint32_t i = 0; i < LIMIT + 5; i++) {
        struct gap gap = {.expected_sequence = i, .size = 1};

        gap_log_add(&log, &gap);
    }
    assert_int_equal(log.count, LIMIT);
    assert_int_equal(log.omitted, 5);
    for (uint32_t i = 0; i < LIMIT; i++)
        assert_int_equal(log.gaps[i].expected_sequence, i);
    gap_log_release(&log);
}

static void a_log_of_none_only_counts(void **state)
{
    struct gap_log log;
    struct gap gap = {0};

    (void)state;
    gap_log_init(&log, 0);
    gap_log_add(&log, &gap);
    assert_int_equal(log.count, 0);
    assert_int_equal(log.omitted, 1);
    gap_log_release(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_gaps_up_to_its_limit_and_counts_the_rest),
        cmocka_unit_test(a_log_of_none_only_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
