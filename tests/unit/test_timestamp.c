/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/timestamp.h"

#include <stdio.h>
#include <time.h>

#include "unit.h"

#define SECOND UINT64_C(1000000000)

static uint64_t parse(const char *text)
{
    uint64_t time_ns;

    assert_int_equal(timestamp_parse(text, &time_ns), 0);
    return time_ns;
}

/* The examples of RFC 3339 section 5.8, with the values of `date -d`. */
static void the_examples_of_the_standard_are_read(void **state)
{
    (void)state;
    assert_int_equal(parse("1985-04-12T23:20:50.52Z"), 482196050 * SECOND + 520000000);
    assert_int_equal(parse("1996-12-19T16:39:57-08:00"), 851042397 * SECOND);
    assert_int_equal(parse("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(parse("2000-02-29 12:00:00+05:30"), 951805800 * SECOND);
    assert_int_equal(parse("2500-12-31T23:59:59z"), UINT64_C(16756761599) * SECOND);
}

/* Each day from 1970 to 2554, as far as the C library knows it. */
static void the_calendar_is_that_of_the_library(void **state)
{
    (void)state;
    for (uint64_t day = 0; day < 213500; day++) {
        uint64_t seconds = day * 86400 + day % 86400, time_ns = seconds * SECOND + day;
        char written[TIMESTAMP_CHARS], expected[80];
        time_t known = (time_t)seconds;
        struct tm utc;

        timestamp_format(time_ns, written);
        assert_int_equal(parse(written), time_ns);
        if (known < 0 || (uint64_t)known != seconds)
            continue;
        gmtime_r(&known, &utc);
        snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d.%09dZ",
                 utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                 utc.tm_sec, (int)day);
        assert_string_equal(written, expected);
    }
}

static void decimals_are_cut_to_nanoseconds(void **state)
{
    (void)state;
    assert_int_equal(parse("1970-01-01t00:00:01.123456789z"), SECOND + 123456789);
    assert_int_equal(parse("1970-01-01T00:00:01.1234567899999Z"), SECOND + 123456789);
    assert_int_equal(parse("1970-01-01T00:00:00.000000001Z"), 1);
}

static void everything_else_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "now",
        "2025-03-01",
        "2025-03-01T12:00Z",
        "2025-03-01T12:00:00",
        "2025-3-1T12:00:00Z",
        "2025-02-29T12:00:00Z",
        "2025-04-31T12:00:00Z",
        "2025-13-01T12:00:00Z",
        "2025-00-01T12:00:00Z",
        "2025-01-00T12:00:00Z",
        "2025-03-01T24:00:00Z",
        "2025-03-01T12:60:00Z",
        "2025-03-01T12:00:60Z",
        "2025-03-01T12:00:00.Z",
        "2025-03-01T12:00:00+1",
        "2025-03-01T12:00:00+01",
        "2025-03-01T12:00:00+0100",
        "2025-03-01T12:00:00+24:00",
        "2025-03-01T12:00:00Zz",
        "2025-03-01T12:00:00 Z",
        " 2025-03-01T12:00:00Z",
        "+2025-03-01T12:00:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "2554-07-22T00:00:00Z",
    };
    uint64_t time_ns;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(timestamp_parse(wrong[i], &time_ns), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_standard_are_read),
        cmocka_unit_test(the_calendar_is_that_of_the_library),
        cmocka_unit_test(decimals_are_cut_to_nanoseconds),
        cmocka_unit_test(everything_else_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
