/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/request/percent.h"

#include <string.h>

#include "unit.h"

static char decoded[16];

static int decode(const char *text)
{
    return percent_decode(text, strlen(text), ' ', decoded, sizeof(decoded));
}

static void what_is_encoded_is_decoded(void **state)
{
    (void)state;
    assert_int_equal(decode("a%20b%7B%7d%25"), 0);
    assert_string_equal(decoded, "a b{}%");
    assert_int_equal(decode(""), 0);
    assert_string_equal(decoded, "");
    assert_int_equal(decode("%ff%C3"), 0);
    assert_string_equal(decoded, "\xff\xc3");
}

static void a_plus_is_what_the_caller_says(void **state)
{
    (void)state;
    assert_int_equal(percent_decode("a+b", 3, '+', decoded, sizeof(decoded)), 0);
    assert_string_equal(decoded, "a+b");
    assert_int_equal(decode("a+b%2B"), 0);
    assert_string_equal(decoded, "a b+");
}

static void a_wrong_encoding_is_refused(void **state)
{
    static const char *const wrong[] = {"%", "%1", "a%", "%g0", "%0g", "%%20", "%00", "% 1", "%-1"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(decode(wrong[i]), -1);
    /* Octets behind the length are not read. */
    assert_int_equal(percent_decode("%20", 2, ' ', decoded, sizeof(decoded)), -1);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    assert_int_equal(decode("123456789012345"), 0);
    assert_int_equal(decode("1234567890123456"), -1);
    assert_int_equal(decode("12345678901234%35"), 0);
    assert_int_equal(decode("123456789012345%36"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_encoded_is_decoded),
        cmocka_unit_test(a_plus_is_what_the_caller_says),
        cmocka_unit_test(a_wrong_encoding_is_refused),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
