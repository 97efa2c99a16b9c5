/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/lives.h"

#include "unit.h"

static struct lives lives;

static void leave(uint32_t spi, uint32_t departure, uint32_t earlier_sas)
{
    struct flow_change change = {.flow.key.spi = spi, .departure = departure};

    assert_int_equal(lives_add(&lives, &change, earlier_sas), 0);
}

/* The number of SAs before the life of a gap of SPI that was found behind DEPARTURES, or -1. */
static int earlier_of(uint32_t spi, uint32_t departures)
{
    struct gap gap = {.key.spi = spi, .departures = departures};
    const struct life *life = lives_find(&lives, &gap);

    return life ? (int)life->earlier_sas : -1;
}

static void a_gap_is_of_the_life_that_ended_next(void **state)
{
    (void)state;
    leave(7, UINT32_MAX - 1, 0); /* departures are counted modulo 2^32 */
    leave(5, UINT32_MAX, 0);
    leave(7, 1, 3);
    assert_int_equal(earlier_of(7, UINT32_MAX - 1), 0);
    assert_int_equal(earlier_of(7, UINT32_MAX), 3);
    assert_int_equal(earlier_of(7, 1), 3);
    assert_int_equal(earlier_of(7, 2), -1);
    assert_int_equal(earlier_of(5, 0), -1);
    assert_int_equal(earlier_of(6, 0), -1);
    lives_release(&lives);
}

static void a_transaction_that_failed_leaves_nothing(void **state)
{
    (void)state;
    leave(7, 0, 1);
    lives_settle(&lives, 1, 0);
    leave(3, 1, 2);
    leave(7, 2, 3);
    assert_int_equal(earlier_of(3, 0), 2);
    lives_settle(&lives, 0, 1);
    assert_int_equal(earlier_of(3, 0), -1);
    assert_int_equal(earlier_of(7, 0), 1);
    assert_int_equal(earlier_of(7, 1), -1);
    lives_settle(&lives, 0, 1); /* it failed again before it added any */
    assert_int_equal(earlier_of(7, 0), 1);
    lives_settle(&lives, 1, 1);
    assert_int_equal(earlier_of(7, 0), -1);
    lives_release(&lives);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_is_of_the_life_that_ended_next),
        cmocka_unit_test(a_transaction_that_failed_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
