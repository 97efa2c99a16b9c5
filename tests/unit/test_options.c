/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/options.h"

#include <getopt.h>
#include <string.h>

#include "unit.h"

static struct options options;
static struct error error;

/* Parses up to five words behind the command's name. */
static enum options_status parse(const char *a, const char *b, const char *c, const char *d,
                                 const char *e)
{
    static char words[6][64];
    static char *argv[7];
    const char *given[] = {"analyze", a, b, c, d, e};
    int argc = 0;

    memset(argv, 0, sizeof(argv));
    for (int i = 0; i < 6 && given[i]; i++) {
        strncpy(words[i], given[i], sizeof(words[i]) - 1);
        argv[argc++] = words[i];
    }
    optind = 0; /* getopt starts anew */
    return options_parse(&options, COMMAND_ANALYZE, argc, argv, &error);
}

static void defaults_are_those_of_the_manual(void **state)
{
    (void)state;
    assert_int_equal(parse("file", NULL, NULL, NULL, NULL), OPTIONS_DONE);
    assert_int_equal(options.window, 32);
    assert_int_equal(options.max_flows, 1000000);
    assert_false(options.json || options.quiet);
    assert_null(options.filter);
}

static void options_may_stand_behind_files(void **state)
{
    (void)state;
    assert_int_equal(parse("one", "--window=7", "two", "--filter", "esp"), OPTIONS_DONE);
    assert_int_equal(options.window, 7);
    assert_string_equal(options.filter, "esp");
    assert_int_equal(options.operand_count, 2);
    assert_string_equal(options.operands[1], "two");
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    assert_int_equal(parse("--json", "--", "--quiet", NULL, NULL), OPTIONS_DONE);
    assert_true(options.json);
    assert_false(options.quiet);
    assert_string_equal(options.operands[0], "--quiet");
}

static void numbers_are_decimal_whole_and_in_range(void **state)
{
    static const char *const wrong[] = {
        "0", "4097", "-1", "+1", " 1", "1 ", "1e3", "0x10", "", "99999999999999999999",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(parse("--window", wrong[i], "file", NULL, NULL), OPTIONS_WRONG);
        assert_non_null(strstr(error.text, "--window takes a whole number from 1 to 4096"));
    }
    assert_int_equal(parse("--window", "4096", "file", NULL, NULL), OPTIONS_DONE);
    assert_int_equal(options.window, 4096);
}

static void sizes_may_have_a_unit(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } right[] = {
        {"1048576", UINT64_C(1) << 20}, {"1024K", UINT64_C(1) << 20}, {"1M", UINT64_C(1) << 20},
        {"3G", UINT64_C(3) << 30},      {"2T", UINT64_C(2) << 40},
    };
    static const char *const wrong[] = {
        "", "M", "1048575", "1023K", "1m", "1MB", "-1M", "1.5G", " 1G", "8388608T",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        assert_int_equal(parse("--max-db-size", right[i].text, "file", NULL, NULL), OPTIONS_DONE);
        assert_int_equal(options.max_db_size, right[i].bytes);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(parse("--max-db-size", wrong[i], "file", NULL, NULL), OPTIONS_WRONG);
        assert_non_null(strstr(error.text, "--max-db-size takes a size"));
    }
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    assert_int_equal(parse("--nothing", NULL, NULL, NULL, NULL), OPTIONS_WRONG);
    assert_non_null(strstr(error.text, "'--nothing'"));
    assert_int_equal(parse("--filter", NULL, NULL, NULL, NULL), OPTIONS_WRONG);
    assert_non_null(strstr(error.text, "'--filter' needs an argument"));
}

static void help_and_version_win(void **state)
{
    (void)state;
    assert_int_equal(parse("--help", NULL, NULL, NULL, NULL), OPTIONS_HELP);
    assert_int_equal(parse("file", "--version", NULL, NULL, NULL), OPTIONS_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_manual),
        cmocka_unit_test(options_may_stand_behind_files),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(numbers_are_decimal_whole_and_in_range),
        cmocka_unit_test(sizes_may_have_a_unit),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(help_and_version_win),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
