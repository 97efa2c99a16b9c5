/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/drop_periods.h"

#include "unit.h"

static struct drop_periods drops;

static void begin(void)
{
    drops = (struct drop_periods){.count = 0};
}

static void without_spots_nothing_is_touched(void **state)
{
    (void)state;
    begin();
    assert_false(drop_periods_touch(&drops, 0, UINT64_MAX));
}

static void a_moment_in_common_is_enough(void **state)
{
    (void)state;
    begin();
    drop_periods_add(&drops, 100, 200);
    assert_true(drop_periods_touch(&drops, 50, 100)); /* ends at its start */
    assert_true(drop_periods_touch(&drops, 200, 250));
    assert_true(drop_periods_touch(&drops, 150, 160)); /* inside */
    assert_true(drop_periods_touch(&drops, 50, 250));  /* around */
    assert_false(drop_periods_touch(&drops, 50, 99));
    assert_false(drop_periods_touch(&drops, 201, 250));
}

static void between_two_spots_the_sensor_saw(void **state)
{
    (void)state;
    begin();
    drop_periods_add(&drops, 100, 200);
    drop_periods_add(&drops, 300, 400);
    assert_true(drop_periods_touch(&drops, 150, 250));
    assert_false(drop_periods_touch(&drops, 201, 299));
    assert_true(drop_periods_touch(&drops, 250, 300));
}

static void spots_that_meet_are_one(void **state)
{
    (void)state;
    begin();
    for (uint64_t time = 0; time < 1000; time++)
        drop_periods_add(&drops, time, time + 1);
    assert_int_equal(drops.count, 1);
    assert_int_equal(drops.periods[0].from_ns, 0);
    assert_int_equal(drops.periods[0].until_ns, 1000);
}

/* A span may be found late, as its times are those of the frames around the drops. */
static void a_spot_that_is_found_late_extends_the_newest(void **state)
{
    (void)state;
    begin();
    drop_periods_add(&drops, 100, 200);
    drop_periods_add(&drops, 300, 400);
    drop_periods_add(&drops, 350, 360); /* inside the newest, which stays the same */
    assert_true(drop_periods_touch(&drops, 390, 395));
    drop_periods_add(&drops, 250, 260);
    assert_true(drop_periods_touch(&drops, 250, 260));
    assert_true(drop_periods_touch(&drops, 390, 395));
    assert_false(drop_periods_touch(&drops, 201, 249));
    assert_int_equal(drops.count, 2);
}

/* What is merged for lack of room may make more gaps undetermined, and none less. */
static void however_many_there_are_none_is_forgotten(void **state)
{
    enum { PERIODS = 3 * DROP_PERIODS_MAX };

    (void)state;
    begin();
    for (uint64_t i = 1; i <= PERIODS; i++)
        drop_periods_add(&drops, 100 * i, 100 * i + 10);
    assert_int_equal(drops.count, DROP_PERIODS_MAX);
    for (uint64_t i = 1; i <= PERIODS; i++)
        assert_true(drop_periods_touch(&drops, 100 * i + 5, 100 * i + 6));
    assert_false(drop_periods_touch(&drops, 0, 99));
    assert_false(drop_periods_touch(&drops, 100 * PERIODS + 11, UINT64_MAX));
    /* The newest are still separate. */
    assert_false(drop_periods_touch(&drops, 100 * PERIODS - 50, 100 * PERIODS - 40));
}

static void they_move_with_the_clock(void **state)
{
    (void)state;
    begin();
    drop_periods_add(&drops, 1000, 1100);
    drop_periods_add(&drops, 2000, 2100);
    drop_periods_shift_time(&drops, -500);
    assert_true(drop_periods_touch(&drops, 500, 500));
    assert_true(drop_periods_touch(&drops, 1600, 1600));
    assert_false(drop_periods_touch(&drops, 601, 1499));
    drop_periods_shift_time(&drops, 1000);
    assert_true(drop_periods_touch(&drops, 1500, 1500));
    assert_false(drop_periods_touch(&drops, 601, 1499));
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
