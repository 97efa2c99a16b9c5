/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/error.h"

#include <string.h>

#include "unit.h"

static void setting_returns_what_a_caller_returns(void **state)
{
    struct error error;

    (void)state;
    assert_int_equal(error_set(&error, "%s: %d", "file", 7), -1);
    assert_string_equal(error.text, "file: 7");
}

/* A file name may contain a newline or control characters for the terminal. */
static void the_text_stays_one_harmless_line(void **state)
{
    struct error error;

    (void)state;
    error_set(&error, "%s", "a\nb\x1b[31mc\td\x7f \xc3\xa9");
    assert_string_equal(error.text, "a?b?[31mc?d? \xc3\xa9");
}

static void a_long_text_is_cut(void **state)
{
    struct error error;
    char name[2000];

    (void)state;
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    error_set(&error, "%s", name);
    assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setting_returns_what_a_caller_returns),
        cmocka_unit_test(the_text_stays_one_harmless_line),
        cmocka_unit_test(a_long_text_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
