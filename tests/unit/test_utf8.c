/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/utf8.h"

#include "unit.h"

static void the_length_of_a_character_is_told(void **state)
{
    (void)state;
    assert_int_equal(utf8_length("a"), 1);
    assert_int_equal(utf8_length(""), 1); /* the terminator is a character too */
    assert_int_equal(utf8_length("\xc3\xa9x"), 2);
    assert_int_equal(utf8_length("\xe2\x82\xac"), 3);
    assert_int_equal(utf8_length("\xf0\x9f\x98\x80"), 4);
    assert_int_equal(utf8_length("\xf4\x8f\xbf\xbf"), 4); /* U+10FFFF */
}

/* Table 3-7 of the Unicode standard defines well-formed sequences. */
static void what_is_ill_formed_has_none(void **state)
{
    static const char *const wrong[] = {
        "\x80",         "\xbf", "\xc0\x80", "\xc1\xbf",         "\xe0\x9f\xbf", "\xed\xa0\x80",
        "\xf0\x8f\xbf", "\xff", "\xe2\x82", "\xf4\x90\x80\x80", "\xf5\x80\x80", "\xc3",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(utf8_length(wrong[i]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_length_of_a_character_is_told),
        cmocka_unit_test(what_is_ill_formed_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
