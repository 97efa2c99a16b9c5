/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/json_writer.h"

#include <math.h>
#include <stdlib.h>

#include "unit.h"

static char *written;
static size_t written_size;
static struct json_writer json;

static int begin(void **state)
{
    (void)state;
    json_begin(&json, open_memstream(&written, &written_size));
    return json.to ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    free(written);
    return 0;
}

static void expect(const char *text)
{
    json_end(&json);
    fclose(json.to);
    assert_int_equal(written[written_size - 1], '\n');
    written[written_size - 1] = '\0';
    assert_string_equal(written, text);
}

/* Readers that use floating point would round it to another number. */
static void an_integer_above_2_53_is_a_string(void **state)
{
    (void)state;
    json_open(&json, NULL, '[');
    json_integer(&json, NULL, UINT64_C(1) << 53);
    json_integer(&json, NULL, (UINT64_C(1) << 53) + 1);
    json_close(&json, ']');
    expect("[9007199254740992, \"9007199254740993\"]");
}

static void separates_values_and_levels(void **state)
{
    (void)state;
    json_open(&json, NULL, '{');
    json_integer(&json, "a", UINT64_MAX);
    json_open(&json, "b", '[');
    json_boolean(&json, NULL, 1);
    json_null(&json, NULL);
    json_close(&json, ']');
    json_optional(&json, "c", 0, 3);
    json_optional(&json, "d", 1, 3);
    json_close(&json, '}');
    expect("{\"a\": \"18446744073709551615\", \"b\": [true, null], \"c\": null, \"d\": 3}");
}

static void new_lines_stand_behind_commas(void **state)
{
    (void)state;
    json_open(&json, NULL, '[');
    json_new_line(&json);
    json_integer(&json, NULL, 1);
    json_new_line(&json);
    json_integer(&json, NULL, 2);
    json_new_line(&json);
    json_close(&json, ']');
    expect("[\n1,\n2\n]");
}

static void numbers_that_json_lacks_are_null(void **state)
{
    (void)state;
    json_open(&json, NULL, '[');
    json_number(&json, NULL, NAN);
    json_number(&json, NULL, INFINITY);
    json_number(&json, NULL, 0.1);
    json_number(&json, NULL, 1e300);
    json_close(&json, ']');
    expect("[null, null, 0.1, 1e+300]");
}

static void decimals_are_exact(void **state)
{
    (void)state;
    json_open(&json, NULL, '[');
    json_decimal(&json, NULL, 0, 6);
    json_decimal(&json, NULL, 1, 9);
    json_decimal(&json, NULL, 1500000, 6);
    json_decimal(&json, NULL, UINT64_MAX, 9);
    json_decimal(&json, NULL, 20, 1);
    json_close(&json, ']');
    expect("[0, 0.000000001, 1.5, 18446744073.709551615, 2]");
}

static void more_than_the_buffer_is_written_whole(void **state)
{
    (void)state;
    json_open(&json, NULL, '[');
    for (uint64_t i = 0; i < 5000; i++)
        json_integer(&json, NULL, i);
    json_close(&json, ']');
    json_end(&json);
    fclose(json.to);
    assert_int_equal(written_size, 2 + 10 + 90 * 2 + 900 * 3 + 4000 * 4 + 4999 * 2 + 1);
}

/* The malformed sequences are those of RFC 3629 section 10 and similar ones. */
static void strings_are_escaped_and_well_formed(void **state)
{
    (void)state;
    json_open(&json, NULL, '[');
    json_string(&json, NULL, "a\"b\\c\n\x01");
    json_string(&json, NULL, "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
    json_string(&json, NULL, "\xc0\x80");         /* overlong */
    json_string(&json, NULL, "\xed\xa0\x80");     /* surrogate */
    json_string(&json, NULL, "\xf4\x90\x80\x80"); /* beyond U+10FFFF */
    json_string(&json, NULL, "\xe2\x82");         /* ends too early */
    json_string(&json, NULL, NULL);
    json_close(&json, ']');
    expect("[\"a\\\"b\\\\c\\u000a\\u0001\", \"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\", "
           "\"\\ufffd\\ufffd\", \"\\ufffd\\ufffd\\ufffd\", \"\\ufffd\\ufffd\\ufffd\\ufffd\", "
           "\"\\ufffd\\ufffd\", null]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_integer_above_2_53_is_a_string, begin, end),
        cmocka_unit_test_setup_teardown(separates_values_and_levels, begin, end),
        cmocka_unit_test_setup_teardown(new_lines_stand_behind_commas, begin, end),
        cmocka_unit_test_setup_teardown(numbers_that_json_lacks_are_null, begin, end),
        cmocka_unit_test_setup_teardown(decimals_are_exact, begin, end),
        cmocka_unit_test_setup_teardown(more_than_the_buffer_is_written_whole, begin, end),
        cmocka_unit_test_setup_teardown(strings_are_escaped_and_well_formed, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
