/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/flows/timing.h"

#include <math.h>

#include "unit.h"

#define TEN_YEARS_NS UINT64_C(315360000000000000)

static struct timing timing_of(const uint64_t *times, size_t count)
{
    struct timing timing;

    timing_begin(&timing, times[0]);
    for (size_t i = 1; i < count; i++)
        timing_add(&timing, times[i]);
    return timing;
}

static void mean_and_deviation_of_a_known_sample(void **state)
{
    /* Intervals 2 4 4 4 5 5 7 9: mean 5, population deviation 2. */
    static const uint64_t times[] = {0, 2, 6, 10, 14, 19, 24, 31, 40};
    struct timing timing = timing_of(times, 9);

    (void)state;
    assert_true(timing_mean(&timing, 8) == 5);
    assert_true(timing_deviation(&timing, 8) == 2);
    assert_int_equal(timing.min_ns, 2);
    assert_int_equal(timing.max_ns, 9);
}

/* One nanosecond of variation in intervals of ten years, which floating-point sums would lose. */
static void long_even_intervals_keep_their_precision(void **state)
{
    static const uint64_t times[] = {0, TEN_YEARS_NS, 2 * TEN_YEARS_NS + 2};
    struct timing timing = timing_of(times, 3);

    (void)state;
    assert_true(fabs(timing_deviation(&timing, 2) - 1) < 1e-9);
}

static void equal_intervals_do_not_deviate(void **state)
{
    static const uint64_t times[] = {5, 15, 25, 35};
    struct timing timing = timing_of(times, 4);

    (void)state;
    assert_true(timing_deviation(&timing, 3) == 0);
}

static void a_frame_dated_back_counts_as_no_time(void **state)
{
    static const uint64_t times[] = {100, 50, 130};
    struct timing timing = timing_of(times, 3);

    (void)state;
    assert_int_equal(timing.min_ns, 0);
    assert_int_equal(timing.max_ns, 30);
    assert_int_equal(timing.last_ns, 130);
    assert_true(timing_mean(&timing, 2) == 15);
}

/* Of 5 frames only the last one's time is known, so each took 10 ns. */
static void frames_that_nobody_saw_come_evenly(void **state)
{
    static const uint64_t times[] = {100, 110, 120, 130, 140, 150};
    struct timing each = timing_of(times, 6);
    struct timing even = timing_of(times, 1);

    (void)state;
    timing_add_even(&even, 150, 5);
    assert_int_equal(even.last_ns, 150);
    assert_int_equal(even.min_ns, 10);
    assert_int_equal(even.max_ns, 10);
    assert_true(timing_mean(&even, 5) == timing_mean(&each, 5));
    assert_true(timing_deviation(&even, 5) == 0);
}

/* 10 ns for 3 frames are 3, 3 and 4: the sums are those of whole intervals. */
static void a_span_that_does_not_divide_keeps_its_figures(void **state)
{
    static const uint64_t times[] = {100, 103, 106, 110};
    struct timing timing = timing_of(times, 1);
    struct timing each = timing_of(times, 4);

    (void)state;
    timing_add_even(&timing, 110, 3);
    assert_int_equal(timing.sum_ns, 10);
    assert_int_equal(timing.min_ns, 3);
    assert_int_equal(timing.max_ns, 4);
    assert_true(timing_mean(&timing, 3) == timing_mean(&each, 3));
    assert_true(timing_deviation(&timing, 3) == timing_deviation(&each, 3));
}

static void even_frames_dated_back_count_as_no_time(void **state)
{
    static const uint64_t times[] = {100};
    struct timing timing = timing_of(times, 1);

    (void)state;
    timing_add_even(&timing, 90, 4);
    assert_int_equal(timing.last_ns, 100);
    assert_int_equal(timing.sum_ns, 0);
    assert_int_equal(timing.max_ns, 0);
}

/* As many frames as the fastest link sends in a day, over ten years: sums of squares stay exact. */
static void the_longest_even_spans_do_not_overflow(void **state)
{
    static const uint64_t times[] = {0};
    struct timing timing = timing_of(times, 1);
    uint64_t count = UINT64_C(10000000000000);

    (void)state;
    timing_add_even(&timing, TEN_YEARS_NS, count);
    assert_true(fabs(timing_mean(&timing, count) - (double)TEN_YEARS_NS / (double)count) < 1e-9);
    assert_true(timing_deviation(&timing, count) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mean_and_deviation_of_a_known_sample),
        cmocka_unit_test(long_even_intervals_keep_their_precision),
        cmocka_unit_test(equal_intervals_do_not_deviate),
        cmocka_unit_test(a_frame_dated_back_counts_as_no_time),
        cmocka_unit_test(frames_that_nobody_saw_come_evenly),
        cmocka_unit_test(a_span_that_does_not_divide_keeps_its_figures),
        cmocka_unit_test(even_frames_dated_back_count_as_no_time),
        cmocka_unit_test(the_longest_even_spans_do_not_overflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
