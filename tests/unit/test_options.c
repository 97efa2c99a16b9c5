/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "options/parse.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "selection.h"
#include "store/store.h"
#include "track/tracker.h"
#include "unit.h"

static struct options options;
static struct error error;

/* Parses up to five words for COMMAND. */
static enum options_status parse_for(enum command_set command, const char *a, const char *b,
                                     const char *c, const char *d, const char *e)
{
    static char words[6][512];
    static char *argv[7];
    const char *given[] = {"command", a, b, c, d, e};
    int argc = 0;

    memset(argv, 0, sizeof(argv));
    for (int i = 0; i < 6 && given[i]; i++) {
        strncpy(words[i], given[i], sizeof(words[i]) - 1);
        argv[argc++] = words[i];
    }
    optind = 0; /* makes getopt start again */
    return options_parse(&options, command, argc, argv, &error);
}

static enum options_status parse(const char *a, const char *b, const char *c, const char *d,
                                 const char *e)
{
    return parse_for(COMMAND_ANALYZE, a, b, c, d, e);
}

static enum options_status parse_capture(const char *a, const char *b)
{
    return parse_for(COMMAND_CAPTURE, a, b, NULL, NULL, NULL);
}

static void defaults_are_those_of_the_manual(void **state)
{
    (void)state;
    assert_int_equal(parse("file", NULL, NULL, NULL, NULL), OPTIONS_DONE);
    assert_int_equal(options.window, WINDOW_DEFAULT);
    assert_int_equal(options.max_flows, MAX_FLOWS_DEFAULT);
    assert_int_equal(options.flush_interval, STORE_FLUSH_SECONDS);
    assert_int_equal(options.retain, STORE_RETAIN_DAYS);
    assert_int_equal(options.max_db_size, STORE_MAX_BYTES);
    assert_int_equal(options.protocols, PROTOCOLS_ALL);
    assert_int_equal(options.max_packets, 0);
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

static void files_of_r_are_operands(void **state)
{
    (void)state;
    assert_int_equal(parse("one", "-r", "two", "-qr", "three"), OPTIONS_DONE);
    assert_int_equal(options.operand_count, 3);
    assert_string_equal(options.operands[0], "one");
    assert_string_equal(options.operands[1], "two");
    assert_string_equal(options.operands[2], "three");
    assert_true(options.quiet);
}

static void interfaces_are_a_list(void **state)
{
    (void)state;
    assert_int_equal(parse_capture("-ieth0,eth1", "--interface=eth2"), OPTIONS_DONE);
    assert_int_equal(options.interface_count, 3);
    assert_string_equal(options.interfaces[0], "eth0");
    assert_string_equal(options.interfaces[1], "eth1");
    assert_string_equal(options.interfaces[2], "eth2");
    assert_true(options_given(&options, "interface"));
    assert_false(options_given(&options, "db"));
}

static void wrong_lists_of_interfaces(void **state)
{
    static const struct {
        const char *list;
        const char *complaint;
    } wrong[] = {
        {"", "empty"},
        {"eth0,", "empty"},
        {",eth0", "empty"},
        {"eth0,,eth1", "empty"},
        {"a,b,a", "'a' is given twice"},
        {"any,a", "give it alone"},
        {"a,any", "give it alone"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(parse_capture("--interface", wrong[i].list), OPTIONS_WRONG);
        assert_non_null(strstr(error.text, wrong[i].complaint));
    }
    assert_int_equal(parse_capture("-ieth0", "-ieth0"), OPTIONS_WRONG);
    assert_int_equal(parse_capture("-i", "any"), OPTIONS_DONE);
}

/* Returns a list of COUNT names: a0,a1,... */
static const char *make_list(int count)
{
    static char list[512];

    list[0] = '\0';
    for (int i = 0; i < count; i++)
        snprintf(list + strlen(list), sizeof(list) - strlen(list), "%sa%d", i ? "," : "", i);
    return list;
}

static void the_list_of_interfaces_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(parse_capture("-i", make_list(INTERFACES_MAX)), OPTIONS_DONE);
    assert_int_equal(options.interface_count, INTERFACES_MAX);
    assert_int_equal(parse_capture("-i", make_list(INTERFACES_MAX + 1)), OPTIONS_WRONG);
    assert_non_null(strstr(error.text, "at most 64 interfaces"));
}

static void options_are_those_of_the_command(void **state)
{
    (void)state;
    assert_int_equal(parse_capture("--workers=3", NULL), OPTIONS_DONE);
    assert_int_equal(options.workers, 3);
    assert_int_equal(parse_for(COMMAND_SERVE, NULL, NULL, NULL, NULL, NULL), OPTIONS_DONE);
    assert_int_equal(options.workers, 2);
    assert_string_equal(options.user, "nobody");
    assert_int_equal(parse_capture(NULL, NULL), OPTIONS_DONE);
    assert_int_equal(options.workers, 1);
    assert_null(options.user);
    assert_int_equal(parse("--workers", "3", NULL, NULL, NULL), OPTIONS_WRONG);
    assert_non_null(strstr(error.text, "gapwatch capture"));
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
        cmocka_unit_test(files_of_r_are_operands),
        cmocka_unit_test(interfaces_are_a_list),
        cmocka_unit_test(wrong_lists_of_interfaces),
        cmocka_unit_test(the_list_of_interfaces_is_bounded),
        cmocka_unit_test(options_are_those_of_the_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
