/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What is kept of frames that the sensor missed, and how they are counted. */
#include "track/unobserved.h"

#include <string.h>

#include "unit.h"

static struct missed_frames missed;
static struct frame_record frame, played[200];

static void begin(enum outcome protocol)
{
    frame = (struct frame_record){
        .timestamp_ns = 1000,
        .key = {.protocol = (uint8_t)protocol, .family = 4, .spi = 0x1001},
        .wire_bytes = 100,
        .wire_packets = 1,
    };
    memset(&missed, 0xFF, sizeof(missed)); /* everything must be overwritten */
    missed_clear(&missed, &frame);
}

/* Returns as missed_add() does. */
static int miss(uint32_t number)
{
    frame.sequence = number;
    frame.timestamp_ns += 10;
    return missed_add(&missed, &frame);
}

/* Counts all missed frames. Returns their number. */
static unsigned play(void)
{
    struct unobserved walk;
    unsigned count = 0;

    unobserved_begin(&walk, &missed);
    while (unobserved_next(&walk, &played[count]))
        count++;
    return count;
}

static void numbers_come_as_they_came(void **state)
{
    static const uint32_t numbers[] = {5, 6, 7, 9, 8, 8, 0xFFFFFFFF, 0, 1, 5};

    (void)state;
    begin(OUTCOME_ESP);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(miss(numbers[i]), 0);
    assert_int_equal(missed.run_count, 6);
    assert_int_equal(play(), 10);
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(played[i].sequence, numbers[i]);
        assert_int_equal(played[i].key.spi, 0x1001);
        assert_int_equal(played[i].flags, RECORD_MISSED);
        assert_int_equal(played[i].wire_packets, 1);
        assert_int_equal(played[i].wire_bytes, 100);
        assert_int_equal(played[i].timestamp_ns, 1010 + 10 * i);
    }
}

static void associations_take_turns(void **state)
{
    (void)state;
    begin(OUTCOME_MACSEC);
    for (uint32_t i = 0; i < 8; i++) {
        frame.association = i & 3;
        assert_int_equal(miss(1 + i), 0);
    }
    assert_int_equal(missed.run_count, 8);
    assert_int_equal(play(), 8);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(played[i].association, i & 3);
        assert_int_equal(played[i].sequence, 1 + i);
    }
}

static void an_orderly_flow_takes_one_run(void **state)
{
    (void)state;
    begin(OUTCOME_ESP);
    for (uint32_t i = 0; i < 1000000; i++)
        assert_int_equal(miss(i), 0);
    assert_int_equal(missed.run_count, 1);
    assert_int_equal(missed_count(&missed.runs[0]), 1000000);
    assert_int_equal(missed.packets, 1000000);
    assert_int_equal(missed.bytes, 100000000);
}

static void a_run_that_is_too_long_goes_on_in_another(void **state)
{
    (void)state;
    begin(OUTCOME_ESP);
    miss(1);
    missed.runs[0].count_and_association = MISSED_COUNT_MAX << MISSED_ASSOCIATION_BITS;
    assert_int_equal(miss(1 + MISSED_COUNT_MAX), 0);
    assert_int_equal(missed.run_count, 2);
}

static void a_full_entry_takes_only_what_goes_on(void **state)
{
    (void)state;
    begin(OUTCOME_ESP);
    for (uint32_t i = 0; i < MISSED_RUNS_MAX; i++)
        assert_int_equal(miss(2 * i), 0);
    assert_int_equal(miss(1000), -1);
    assert_int_equal(missed.packets, MISSED_RUNS_MAX);
    assert_int_equal(miss(2 * MISSED_RUNS_MAX - 1), 0);
    assert_int_equal(missed.packets, MISSED_RUNS_MAX + 1);
    assert_int_equal(play(), MISSED_RUNS_MAX + 1);
}

static void merged_frames_have_the_numbers_that_were_read(void **state)
{
    (void)state;
    begin(OUTCOME_ESP);
    frame.wire_packets = 3;
    frame.wire_bytes = 301;
    miss(7);
    assert_int_equal(play(), 3);
    assert_int_equal(played[2].sequence, 9);
    assert_int_equal(played[0].wire_bytes + played[1].wire_bytes + played[2].wire_bytes, 301);
    frame.flags = RECORD_MERGED;
    miss(10);
    assert_int_equal(missed.packets, 6);
    assert_int_equal(play(), 4); /* of the second frame, only the first number is known */
    assert_int_equal(played[3].sequence, 10);
    assert_true(played[3].flags & RECORD_MERGED);
    assert_int_equal(played[0].wire_packets + played[1].wire_packets + played[2].wire_packets +
                         played[3].wire_packets,
                     6);
}

static void protocols_without_numbers_need_no_runs(void **state)
{
    (void)state;
    begin(OUTCOME_TCP);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(miss(i * 7), 0);
    assert_int_equal(missed.run_count, 0);
    assert_int_equal(missed.packets, 1000);
    assert_int_equal(missed.first_ns, 1010);
    assert_int_equal(missed.last_ns, 1000 + 10 * 1000);
}

static void candidates_stay_candidates(void **state)
{
    (void)state;
    begin(OUTCOME_ESP);
    frame.flags = RECORD_CANDIDATE;
    frame.ports = 77;
    miss(1);
    assert_int_equal(play(), 1);
    assert_int_equal(played[0].flags, RECORD_CANDIDATE | RECORD_MISSED);
    assert_int_equal(played[0].ports, 77);
}

static void a_clock_that_went_back_moves_no_frame_before_the_first(void **state)
{
    (void)state;
    begin(OUTCOME_ESP);
    miss(1);
    frame.timestamp_ns = 500;
    miss(2);
    assert_int_equal(play(), 2);
    assert_int_equal(played[0].timestamp_ns, 1010);
    assert_int_equal(played[1].timestamp_ns, 1010);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_as_they_came),
        cmocka_unit_test(associations_take_turns),
        cmocka_unit_test(an_orderly_flow_takes_one_run),
        cmocka_unit_test(a_run_that_is_too_long_goes_on_in_another),
        cmocka_unit_test(a_full_entry_takes_only_what_goes_on),
        cmocka_unit_test(merged_frames_have_the_numbers_that_were_read),
        cmocka_unit_test(protocols_without_numbers_need_no_runs),
        cmocka_unit_test(candidates_stay_candidates),
        cmocka_unit_test(a_clock_that_went_back_moves_no_frame_before_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
