/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/secrets/token.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static char token[TOKEN_CHARS];

/* Reads a token from a file that contains TEXT. */
static int read_from(const char *text)
{
    FILE *file = tmpfile();
    int result;

    assert_non_null(file);
    fputs(text, file);
    fflush(file);
    result = token_read(fileno(file), token);
    assert_int_equal(token_read(fileno(file), token), result); /* whatever the file's position */
    fclose(file);
    return result;
}

static void the_first_line_is_the_token(void **state)
{
    (void)state;
    assert_int_equal(read_from("secret"), 0);
    assert_string_equal(token, "secret");
    assert_int_equal(read_from("secret\r\nmore\n"), 0);
    assert_string_equal(token, "secret");
}

static void its_length_is_bounded(void **state)
{
    char text[TOKEN_CHARS + 1];

    (void)state;
    memset(text, 'x', sizeof(text));
    text[TOKEN_CHARS - 1] = '\0';
    assert_int_equal(read_from(text), 0);
    assert_string_equal(token, text);
    text[TOKEN_CHARS - 1] = 'x';
    text[TOKEN_CHARS] = '\0';
    assert_int_equal(read_from(text), -1);
}

static void what_no_header_could_carry_is_none(void **state)
{
    static const char *const wrong[] = {"",     "\n",   "\nsecret", "a b",
                                        "a\tb", "\x7f", "\xc3\xa9", " a"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(read_from(wrong[i]), -1);
    assert_int_equal(token_read(-1, token), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_line_is_the_token),
        cmocka_unit_test(its_length_is_bounded),
        cmocka_unit_test(what_no_header_could_carry_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
