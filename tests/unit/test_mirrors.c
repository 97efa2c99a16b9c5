/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/mirrors.h"

#include "unit.h"

static struct mirrors mirrors;
static struct drop_periods drops;
static uint64_t now_ns;

static int begin(void **state)
{
    (void)state;
    mirrors = (struct mirrors){0};
    drops = (struct drop_periods){.count = 0};
    now_ns = 1000;
    return 0;
}

static int end(void **state)
{
    (void)state;
    mirrors_release(&mirrors);
    return 0;
}

/* NUMBER comes from the mirror ID, 10 ns after the one before. */
static void receive(uint32_t id, uint32_t number)
{
    struct frame_record record = {
        .timestamp_ns = now_ns += 10,
        .key = {.protocol = PROTOCOL_MIRROR, .family = 4, .identifier = id},
        .sequence = number,
    };

    mirrors_receive(&mirrors, &record, &drops);
}

static void receive_all(uint32_t first, uint32_t last)
{
    for (uint32_t number = first; number != last + 1; number++)
        receive(1, number);
}

static void numbers_in_a_row_lose_nothing(void **state)
{
    (void)state;
    receive_all(UINT32_MAX - 20, 20);
    assert_int_equal(mirrors.lost, 0);
    assert_int_equal(drops.count, 0);
}

static void missing_numbers_are_lost_and_note_drops(void **state)
{
    (void)state;
    receive_all(1, 5);
    receive(1, 8);
    assert_int_equal(mirrors.lost, 2);
    assert_int_equal(drops.count, 1);
    assert_int_equal(drops.periods[0].from_ns, now_ns - 10);
    assert_int_equal(drops.periods[0].until_ns, now_ns);
}

static void late_numbers_are_not_lost(void **state)
{
    (void)state;
    receive_all(1, 5);
    receive(1, 8);
    receive(1, 6);
    receive(1, 6); /* a copy */
    assert_int_equal(mirrors.lost, 1);
    receive(1, 0); /* from before the first */
    assert_int_equal(mirrors.lost, 1);
}

static void three_strange_numbers_begin_anew(void **state)
{
    uint64_t last_ns;

    (void)state;
    receive_all(100000, 100005);
    receive(1, 7); /* one that is strange changes no number */
    assert_true(mirrors_doubt(&mirrors, now_ns - 5, now_ns));
    receive(1, 100006);
    assert_false(mirrors_doubt(&mirrors, 0, now_ns));
    assert_int_equal(mirrors.lost, 0);
    assert_int_equal(drops.count, 0);
    last_ns = now_ns;
    receive_all(1, 10);
    assert_int_equal(mirrors.lost, 0);
    assert_int_equal(drops.count, 1);
    assert_int_equal(drops.periods[0].from_ns, last_ns);
    assert_int_equal(drops.periods[0].until_ns, last_ns + 30); /* the third one */
    receive(1, 12);
    assert_int_equal(mirrors.lost, 1);
}

static void two_forged_numbers_lose_nothing(void **state)
{
    (void)state;
    receive_all(1, 100);
    receive(1, 40000);
    receive(1, 40001);
    receive_all(101, 200);
    assert_int_equal(mirrors.lost, 0);
    assert_int_equal(drops.count, 0);
}

static void many_that_are_lost_in_a_row_count_when_frames_agree(void **state)
{
    (void)state;
    receive_all(1, 100);
    receive_all(1101, 1102);
    assert_int_equal(mirrors.lost, 0);
    assert_true(mirrors_doubt(&mirrors, now_ns - 5, now_ns));
    receive(1, 1103);
    assert_int_equal(mirrors.lost, 1000);
    assert_int_equal(drops.count, 1);
    receive(1, 1090); /* late */
    assert_int_equal(mirrors.lost, 999);
}

static void a_mirror_that_goes_on_where_it_was_lost_nothing(void **state)
{
    (void)state;
    receive_all(1, 100);
    receive_all(1101, 1103);
    receive_all(101, 200);
    assert_int_equal(mirrors.lost, 0);
}

static void mirrors_are_apart(void **state)
{
    (void)state;
    for (uint32_t number = 1; number < 10; number++)
        for (uint32_t id = 1; id <= MIRRORS_MAX; id++)
            receive(id, id * 1000 + number);
    assert_int_equal(mirrors.lost, 0);
    receive(MIRRORS_MAX + 1, 5); /* takes the place of the first, which is silent for longest */
    receive(1, 1020);
    assert_int_equal(mirrors.lost, 0);
    receive(3, 3011);
    assert_int_equal(mirrors.lost, 1);
}

static void all_numbers_far_apart_never_overflow(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 1000; i++)
        receive(1, i * 2654435761u);
    receive(1, 0);
    mirrors_shift_time(&mirrors, -5);
    assert_true(mirrors.lost < 1000 * UINT64_C(65536));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_in_a_row_lose_nothing, begin, end),
        cmocka_unit_test_setup_teardown(missing_numbers_are_lost_and_note_drops, begin, end),
        cmocka_unit_test_setup_teardown(late_numbers_are_not_lost, begin, end),
        cmocka_unit_test_setup_teardown(three_strange_numbers_begin_anew, begin, end),
        cmocka_unit_test_setup_teardown(two_forged_numbers_lose_nothing, begin, end),
        cmocka_unit_test_setup_teardown(many_that_are_lost_in_a_row_count_when_frames_agree, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_mirror_that_goes_on_where_it_was_lost_nothing, begin,
                                        end),
        cmocka_unit_test_setup_teardown(mirrors_are_apart, begin, end),
        cmocka_unit_test_setup_teardown(all_numbers_far_apart_never_overflow, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
