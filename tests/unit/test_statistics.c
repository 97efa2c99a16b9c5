/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/source.h"
#include "unit.h"

static void sums_and_names_each_link_type_once(void **state)
{
    struct source_statistics total = {0};
    struct source_statistics first = {.frames = 2, .bytes = 100, .link_type = "EN10MB"};
    struct source_statistics second = {.frames = 3, .sensor_drops = 4, .link_type = "RAW"};

    (void)state;
    first.outcomes[OUTCOME_ESP] = 2;
    second.outcomes[OUTCOME_ESP] = 1;
    second.outcomes[OUTCOME_MALFORMED] = 2;
    statistics_add(&total, &first);
    statistics_add(&total, &second);
    statistics_add(&total, &first);
    assert_int_equal(total.frames, 7);
    assert_int_equal(total.bytes, 200);
    assert_int_equal(total.sensor_drops, 4);
    assert_int_equal(total.outcomes[OUTCOME_ESP], 5);
    assert_int_equal(total.outcomes[OUTCOME_MALFORMED], 2);
    assert_string_equal(total.link_type, "EN10MB, RAW");
}

/* LINUX_SLL is a prefix of LINUX_SLL2, but another link type. */
static void a_name_inside_of_another_is_a_name(void **state)
{
    struct source_statistics total = {0};
    struct source_statistics first = {.link_type = "LINUX_SLL2"};
    struct source_statistics second = {.link_type = "LINUX_SLL"};

    (void)state;
    statistics_add(&total, &first);
    statistics_add(&total, &second);
    assert_string_equal(total.link_type, "LINUX_SLL2, LINUX_SLL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_and_names_each_link_type_once),
        cmocka_unit_test(a_name_inside_of_another_is_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
