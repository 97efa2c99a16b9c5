/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/spelling.h"

#include "unit.h"

static void one_change_is_a_misspelling(void **state)
{
    static const char *const misspelt[][2] = {
        {"tpc", "tcp"}, {"tpc", "tc"}, {"xd", "xdp"}, {"xdpp", "xdp"}, {"edp", "xdp"}, {"tc", "tc"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(misspelt) / sizeof(misspelt[0]); i++)
        assert_true(is_misspelt(misspelt[i][0], misspelt[i][1]));
    assert_true(is_misspelt("TCX", "tc"));
    assert_true(is_misspelt("Xpd", "xdp"));
    assert_false(is_misspelt("dpx", "xdp"));
    assert_false(is_misspelt("live", "pcap"));
    assert_false(is_misspelt("", "t"));
}

static void long_words_may_have_two(void **state)
{
    (void)state;
    assert_true(is_misspelt("anlyse", "analyze"));
    assert_true(is_misspelt("interfcae", "interfaces"));
    assert_false(is_misspelt("nlyse", "analyze"));
}

static void words_of_any_length(void **state)
{
    static char longest[10000];

    (void)state;
    for (size_t i = 0; i + 1 < sizeof(longest); i++)
        longest[i] = 'a';
    assert_false(is_misspelt(longest, "a"));
    assert_false(is_misspelt("a", longest));
    assert_true(is_misspelt("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_change_is_a_misspelling),
        cmocka_unit_test(long_words_may_have_two),
        cmocka_unit_test(words_of_any_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
