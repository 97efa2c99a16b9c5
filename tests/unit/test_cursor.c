/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "cursor.h"

#include "bytes.h"
#include "unit.h"

static const unsigned char octets[8] = {1, 2, 3, 4, 5, 6, 7, 8};

static void stops_at_what_was_captured(void **state)
{
    struct position at = {.left = 20};
    struct cursor cursor = {.data = octets, .end = octets + 8, .at = &at};

    (void)state;
    assert_ptr_equal(cursor_take(&cursor, 8), octets);
    assert_null(cursor_take(&cursor, 1));
    assert_int_equal(cursor_shortfall(&cursor, 1), OUTCOME_TRUNCATED);
    assert_non_null(cursor_take(&cursor, 0));
}

static void stops_at_what_was_on_the_wire(void **state)
{
    struct position at = {.left = 8};
    struct cursor cursor = {.data = octets, .end = octets + 8, .at = &at};

    (void)state;
    cursor_limit(&cursor, 4); /* the rest is padding */
    cursor_limit(&cursor, 6); /* a limit never grows */
    assert_null(cursor_take(&cursor, 5));
    assert_int_equal(cursor_shortfall(&cursor, 5), OUTCOME_MALFORMED);
    assert_ptr_equal(cursor_peek(&cursor, 4), octets);
    assert_ptr_equal(cursor_take(&cursor, 4), octets);
    assert_null(cursor_take(&cursor, 1));
}

static void sizes_beyond_any_frame_do_not_wrap(void **state)
{
    struct position at = {.offset = 4, .left = UINT32_MAX};
    struct cursor cursor = {.data = octets, .end = octets + 8, .at = &at};

    (void)state;
    assert_null(cursor_take(&cursor, UINT32_MAX));
    assert_null(cursor_take(&cursor, UINT32_MAX - 3));
}

static void loads_are_big_endian_at_any_alignment(void **state)
{
    (void)state;
    assert_int_equal(load_be16(octets + 1), 0x0203);
    assert_int_equal(load_be32(octets + 1), 0x02030405);
    assert_int_equal(load_be48(octets + 1), 0x020304050607);
    assert_int_equal(load_be64(octets), 0x0102030405060708);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_at_what_was_captured),
        cmocka_unit_test(stops_at_what_was_on_the_wire),
        cmocka_unit_test(sizes_beyond_any_frame_do_not_wrap),
        cmocka_unit_test(loads_are_big_endian_at_any_alignment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
