/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/clock.h"

#include <string.h>

#include "unit.h"

#define SECOND INT64_C(1000000000)

/* The next readings. The last one repeats. */
static struct clock_reading readings[8];
static size_t reading_count, readings_taken;

static void read_injected(struct clock_reading *reading)
{
    size_t next = readings_taken < reading_count ? readings_taken : reading_count - 1;

    *reading = readings[next];
    readings_taken++;
}

/* Sets the clocks to MONOTONIC and REAL; a reading takes WIDTH. */
static void inject(uint64_t monotonic, uint64_t real, uint64_t width)
{
    readings[0] = (struct clock_reading){monotonic - width / 2, real, monotonic + width / 2};
    reading_count = 1;
    readings_taken = 0;
}

static struct live_clock begin(void)
{
    struct live_clock clock;

    inject(100 * SECOND, 1000 * SECOND, 100);
    clock_begin(&clock, read_injected);
    return clock;
}

static void turns_monotonic_times_into_utc(void **state)
{
    struct live_clock clock = begin();

    (void)state;
    assert_int_equal(clock_utc(&clock, 100 * SECOND), 1000 * SECOND);
    assert_int_equal(clock_utc(&clock, 90 * SECOND + 7), 990 * SECOND + 7);
}

static void time_that_passes_is_no_step(void **state)
{
    struct live_clock clock = begin();
    uint64_t now_ns;

    (void)state;
    inject(150 * SECOND, 1050 * SECOND, 100);
    assert_int_equal(clock_look(&clock, &now_ns), 0);
    assert_int_equal(now_ns, 1050 * SECOND);
}

static void a_step_is_told_once(void **state)
{
    static const int64_t steps[] = {3600 * SECOND, -3600 * SECOND, 2000000, -2000000};
    uint64_t now_ns;

    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct live_clock clock = begin();

        inject(4000 * SECOND, 4900 * SECOND + steps[i], 100);
        assert_int_equal(clock_look(&clock, &now_ns), steps[i]);
        assert_int_equal(now_ns, 4900 * SECOND + steps[i]);
        assert_int_equal(clock_look(&clock, &now_ns), 0);
        assert_int_equal(clock_utc(&clock, 4001 * SECOND), 4901 * SECOND + steps[i]);
    }
}

static void what_reading_is_unsure_of_is_no_step(void **state)
{
    struct live_clock clock = begin();
    uint64_t now_ns;

    (void)state;
    inject(101 * SECOND, 1001 * SECOND + 900000, 100);
    assert_int_equal(clock_look(&clock, &now_ns), 0);
    inject(101 * SECOND, 1005 * SECOND, 2000000); /* four seconds, but read too slowly */
    assert_int_equal(clock_look(&clock, &now_ns), 0);
    inject(101 * SECOND, 1005 * SECOND, 100);
    assert_int_equal(clock_look(&clock, &now_ns), 4 * SECOND);
}

static void many_small_changes_are_a_step_in_the_end(void **state)
{
    struct live_clock clock = begin();
    uint64_t now_ns;

    (void)state;
    inject(101 * SECOND, 1001 * SECOND + 900000, 100);
    assert_int_equal(clock_look(&clock, &now_ns), 0);
    inject(102 * SECOND, 1002 * SECOND + 1800000, 100);
    assert_int_equal(clock_look(&clock, &now_ns), 1800000);
}

static void the_narrowest_reading_counts(void **state)
{
    struct live_clock clock = begin();
    uint64_t now_ns;

    (void)state;
    readings[0] = (struct clock_reading){110 * SECOND, 1015 * SECOND, 120 * SECOND};
    readings[1] = (struct clock_reading){120 * SECOND, 1020 * SECOND + 50, 120 * SECOND + 100};
    readings[2] = (struct clock_reading){120 * SECOND, 1025 * SECOND, 130 * SECOND};
    reading_count = 3;
    readings_taken = 0;
    assert_int_equal(clock_look(&clock, &now_ns), 0);
    assert_int_equal(now_ns, 1020 * SECOND + 50);
    assert_int_equal(readings_taken, 3);
}

static void frames_dated_before_a_step_are_moved(void **state)
{
    static const int64_t hour = 3600 * SECOND;
    uint64_t now_ns = 10000 * SECOND;

    (void)state;
    /* The clock is set forward by an hour: a frame from a second before has a time an hour and a
     * second ago. */
    assert_int_equal(clock_after_step(now_ns - hour - SECOND, hour, now_ns), now_ns - SECOND);
    assert_int_equal(clock_after_step(now_ns - SECOND, hour, now_ns), now_ns - SECOND);
    /* The clock is set back by an hour. */
    assert_int_equal(clock_after_step(now_ns + hour - SECOND, -hour, now_ns), now_ns - SECOND);
    assert_int_equal(clock_after_step(now_ns - SECOND, -hour, now_ns), now_ns - SECOND);
    /* No time is before 1970. */
    assert_int_equal(clock_after_step(SECOND, -hour, 2 * SECOND), SECOND);
}

static void reads_the_machines_clocks(void **state)
{
    struct clock_reading reading;
    struct live_clock clock;
    uint64_t now_ns;

    (void)state;
    clock_read(&reading);
    assert_true(reading.before_ns <= reading.after_ns);
    assert_true(reading.real_ns > reading.after_ns); /* since 1970, since the start */
    clock_begin(&clock, clock_read);
    clock_look(&clock, &now_ns);
    assert_true(now_ns >= reading.real_ns - SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns_monotonic_times_into_utc),
        cmocka_unit_test(time_that_passes_is_no_step),
        cmocka_unit_test(a_step_is_told_once),
        cmocka_unit_test(what_reading_is_unsure_of_is_no_step),
        cmocka_unit_test(many_small_changes_are_a_step_in_the_end),
        cmocka_unit_test(the_narrowest_reading_counts),
        cmocka_unit_test(frames_dated_before_a_step_are_moved),
        cmocka_unit_test(reads_the_machines_clocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
