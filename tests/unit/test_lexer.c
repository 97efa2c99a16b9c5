/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "options/lexer.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static struct lexer lexer;

static void begin(const char *text)
{
    lexer_begin(&lexer, text, strlen(text));
}

static void assert_token(int token, unsigned line)
{
    assert_int_equal(lexer_next(&lexer), token);
    assert_int_equal(lexer.line, line);
}

static void tokens_have_lines(void **state)
{
    (void)state;
    begin("\xEF\xBB\xBF{ \"a\" :\r\n [1, true,\n\nfalse,null]}\n");
    assert_token('{', 1);
    assert_token(TOKEN_STRING, 1);
    assert_string_equal(lexer.chars, "a");
    assert_token(':', 1);
    assert_token('[', 2);
    assert_token(TOKEN_NUMBER, 2);
    assert_string_equal(lexer.chars, "1");
    assert_token(',', 2);
    assert_token(TOKEN_TRUE, 2);
    assert_token(',', 2);
    assert_token(TOKEN_FALSE, 4);
    assert_token(',', 4);
    assert_token(TOKEN_NULL, 4);
    assert_token(']', 4);
    assert_token('}', 4);
    assert_token(TOKEN_END, 5);
    assert_token(TOKEN_END, 5);
}

static void escapes_are_characters(void **state)
{
    (void)state;
    begin("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"");
    assert_token(TOKEN_STRING, 1);
    assert_string_equal(lexer.chars, "\"\\/\b\f\n\r\tA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    assert_int_equal(lexer.length, strlen(lexer.chars));
}

static void numbers_are_those_of_json(void **state)
{
    static const char *const right[] = {"0", "-0", "12", "1.5", "-1e9", "1E+9", "0.0e-1"};
    static const char *const wrong[] = {"00", "01", "-", "1.", ".5", "1e", "1e+", "+1", "-a"};

    (void)state;
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        begin(right[i]);
        assert_token(TOKEN_NUMBER, 1);
        assert_string_equal(lexer.chars, right[i]);
        assert_token(TOKEN_END, 1);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        begin(wrong[i]);
        assert_token(TOKEN_WRONG, 1);
        assert_non_null(lexer.problem);
        assert_token(TOKEN_END, 1);
    }
}

/* A string of LENGTH characters is a token, or is too long. */
static int token_of_length(size_t length)
{
    static char text[TOKEN_CHARS + 8];

    memset(text, 'x', sizeof(text));
    text[0] = text[length + 1] = '"';
    lexer_begin(&lexer, text, length + 2);
    return lexer_next(&lexer);
}

static void strings_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(token_of_length(TOKEN_CHARS - 1), TOKEN_STRING);
    assert_int_equal(lexer.length, TOKEN_CHARS - 1);
    assert_int_equal(token_of_length(TOKEN_CHARS), TOKEN_WRONG);
    assert_int_equal(token_of_length(TOKEN_CHARS + 2), TOKEN_WRONG);
}

/* Each text ends inside a token, exactly at the end of its memory. */
static void texts_may_end_anywhere(void **state)
{
    static const char text[] = "{\"a\\u00e9\\ud83d\\ude00\": [-1.5e+3, true, null]}";

    (void)state;
    for (size_t size = 0; size < strlen(text); size++) {
        char *copy = malloc(size + !size);
        int token;

        assert_non_null(copy);
        memcpy(copy, text, size);
        lexer_begin(&lexer, copy, size);
        do
            token = lexer_next(&lexer);
        while (token != TOKEN_END && token != TOKEN_WRONG);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_have_lines),         cmocka_unit_test(escapes_are_characters),
        cmocka_unit_test(numbers_are_those_of_json), cmocka_unit_test(strings_are_bounded),
        cmocka_unit_test(texts_may_end_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
