/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/blind.h"

#include "unit.h"

static struct blind_spots blind;

static void begin(void)
{
    blind = (struct blind_spots){.count = 0};
}

static void without_spots_nothing_is_touched(void **state)
{
    (void)state;
    begin();
    assert_false(blind_spots_touch(&blind, 0, UINT64_MAX));
}

static void a_moment_in_common_is_enough(void **state)
{
    (void)state;
    begin();
    blind_spots_add(&blind, 100, 200);
    assert_true(blind_spots_touch(&blind, 50, 100)); /* ends at its start */
    assert_true(blind_spots_touch(&blind, 200, 250));
    assert_true(blind_spots_touch(&blind, 150, 160)); /* inside */
    assert_true(blind_spots_touch(&blind, 50, 250));  /* around */
    assert_false(blind_spots_touch(&blind, 50, 99));
    assert_false(blind_spots_touch(&blind, 201, 250));
}

static void between_two_spots_the_sensor_saw(void **state)
{
    (void)state;
    begin();
    blind_spots_add(&blind, 100, 200);
    blind_spots_add(&blind, 300, 400);
    assert_true(blind_spots_touch(&blind, 150, 250));
    assert_false(blind_spots_touch(&blind, 201, 299));
    assert_true(blind_spots_touch(&blind, 250, 300));
}

static void spots_that_meet_are_one(void **state)
{
    (void)state;
    begin();
    for (uint64_t time = 0; time < 1000; time++)
        blind_spots_add(&blind, time, time + 1);
    assert_int_equal(blind.count, 1);
    assert_int_equal(blind.spots[0].from_ns, 0);
    assert_int_equal(blind.spots[0].until_ns, 1000);
}

/* Frames that were dropped are dated by those around them, which may be older than what is known.
 */
static void a_spot_that_is_found_late_extends_the_newest(void **state)
{
    (void)state;
    begin();
    blind_spots_add(&blind, 100, 200);
    blind_spots_add(&blind, 300, 400);
    blind_spots_add(&blind, 350, 360); /* inside: nothing of it is forgotten */
    assert_true(blind_spots_touch(&blind, 390, 395));
    blind_spots_add(&blind, 250, 260);
    assert_true(blind_spots_touch(&blind, 250, 260));
    assert_true(blind_spots_touch(&blind, 390, 395));
    assert_false(blind_spots_touch(&blind, 201, 249));
    assert_int_equal(blind.count, 2);
}

/* What is merged for lack of room may make more gaps undetermined, and none less. */
static void however_many_there_are_none_is_forgotten(void **state)
{
    enum { SPOTS = 3 * BLIND_SPOTS_MAX };

    (void)state;
    begin();
    for (uint64_t i = 1; i <= SPOTS; i++)
        blind_spots_add(&blind, 100 * i, 100 * i + 10);
    assert_int_equal(blind.count, BLIND_SPOTS_MAX);
    for (uint64_t i = 1; i <= SPOTS; i++)
        assert_true(blind_spots_touch(&blind, 100 * i + 5, 100 * i + 6));
    assert_false(blind_spots_touch(&blind, 0, 99));
    assert_false(blind_spots_touch(&blind, 100 * SPOTS + 11, UINT64_MAX));
    /* The newest are still separate. */
    assert_false(blind_spots_touch(&blind, 100 * SPOTS - 50, 100 * SPOTS - 40));
}

static void they_move_with_the_clock(void **state)
{
    (void)state;
    begin();
    blind_spots_add(&blind, 1000, 1100);
    blind_spots_add(&blind, 2000, 2100);
    blind_spots_shift_time(&blind, -500);
    assert_true(blind_spots_touch(&blind, 500, 500));
    assert_true(blind_spots_touch(&blind, 1600, 1600));
    assert_false(blind_spots_touch(&blind, 601, 1499));
    blind_spots_shift_time(&blind, 1000);
    assert_true(blind_spots_touch(&blind, 1500, 1500));
    assert_false(blind_spots_touch(&blind, 601, 1499));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_spots_nothing_is_touched),
        cmocka_unit_test(a_moment_in_common_is_enough),
        cmocka_unit_test(between_two_spots_the_sensor_saw),
        cmocka_unit_test(spots_that_meet_are_one),
        cmocka_unit_test(a_spot_that_is_found_late_extends_the_newest),
        cmocka_unit_test(however_many_there_are_none_is_forgotten),
        cmocka_unit_test(they_move_with_the_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
