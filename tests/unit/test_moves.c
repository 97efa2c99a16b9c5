/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Peers that move to another source, and senders that only look so. */
#include "base/units.h"
#include "track/tracker.h"

#include "unit.h"

enum { SPI = 0x1001, OLD = 1, NEW = 2, THIRD = 3, CERTAIN = 64 };

static struct tracker tracker;
static uint32_t spi;
static uint64_t now_ns;

static int begin(void **state)
{
    (void)state;
    spi = SPI;
    now_ns = NS_PER_SECOND;
    assert_int_equal(tracker_init(&tracker, WINDOW_DEFAULT, 1000), 0);
    tracker_keep_changes(&tracker);
    return 0;
}

static int end(void **state)
{
    (void)state;
    tracker_release(&tracker);
    return 0;
}

static struct flow_key key_of(uint8_t source)
{
    return (struct flow_key){
        .protocol = OUTCOME_ESP, .family = 4, .spi = spi, .source = {10, 0, 0, source}};
}

/* Frames FIRST to LAST from SOURCE. */
static void receive(uint8_t source, uint32_t first, uint32_t last)
{
    for (uint32_t number = first; number <= last; number++) {
        struct frame_record record = {
            .key = key_of(source),
            .sequence = number,
            .timestamp_ns = now_ns += 1000000,
            .wire_bytes = 100,
            .wire_packets = 1,
        };

        tracker_receive(&tracker, &record, 1, NULL);
    }
}

static struct flow *flow_of(uint8_t source)
{
    struct flow_key key = key_of(source);
    uint32_t handle = flow_table_find(&tracker.table, &key, flow_table_hash(&tracker.table, &key));

    assert_int_not_equal(handle, POOL_NONE);
    return flow_table_at(&tracker.table, handle);
}

static uint64_t lost(uint8_t source)
{
    return flow_figures(&tracker.sequencer, flow_of(source)).lost[CAUSE_NETWORK];
}

/* The number of ties, of which the last is of KIND between these sources. */
static void check_ties(size_t count, enum tie_kind kind, uint8_t from, uint8_t to)
{
    const struct tie_log *log = &tracker.moves.ties;
    struct flow_key keys[] = {key_of(from), key_of(to)};

    assert_int_equal(log->count, count);
    assert_int_equal(log->ties[count - 1].kind, kind);
    assert_memory_equal(&log->ties[count - 1].from, &keys[0], sizeof(keys[0]));
    assert_memory_equal(&log->ties[count - 1].to, &keys[1], sizeof(keys[1]));
}

static void it_is_certain_with_64_numbers(void **state)
{
    (void)state;
    receive(OLD, 1, 100);
    receive(NEW, 106, 106 + CERTAIN - 2);
    assert_int_equal(tracker.moves.ties.count, 0);
    receive(NEW, 106 + CERTAIN - 1, 106 + CERTAIN - 1);
    check_ties(1, TIE_MOVED, OLD, NEW);
    tracker_finish(&tracker);
    assert_int_equal(lost(OLD), 0);
    assert_int_equal(lost(NEW), 5); /* what is missing between both */
    assert_int_equal(tracker.gaps.count, 1);
    assert_int_equal(tracker.gaps.gaps[0].first_number, 101);
    assert_int_equal(tracker.gaps.gaps[0].last_number, 105);
}

static void copies_do_not_count(void **state)
{
    (void)state;
    receive(OLD, 1, 100);
    for (int i = 0; i < CERTAIN; i++)
        receive(NEW, 101, 103);
    assert_int_equal(tracker.moves.ties.count, 0);
}

/* The first numbers must be near the highest of the old flow. Two of them may be copies of its last
 * ones. */
static void it_goes_on_from_the_highest(void **state)
{
    static const struct {
        uint32_t first;
        size_t ties;
    } cases[] = {{98, 0},         {99, 1}, {101, 1},    {100 + 4094, 1},
                 {100 + 4095, 0}, {1, 0},  {1000000, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        end(NULL);
        begin(NULL);
        receive(OLD, 1, 100);
        receive(NEW, cases[i].first, cases[i].first + 200);
        assert_int_equal(tracker.moves.ties.count, cases[i].ties);
    }
}

static void it_may_pass_2_to_the_32(void **state)
{
    (void)state;
    receive(OLD, UINT32_MAX - 100, UINT32_MAX - 1);
    receive(NEW, 2, 200);
    check_ties(1, TIE_MOVED, OLD, NEW);
    tracker_finish(&tracker);
    assert_int_equal(lost(NEW), 3); /* 2^32 - 1, 0 and 1 */
}

/* Of small SPIs the senders of one cluster each have their own numbers. */
static void key_ids_are_shared(void **state)
{
    (void)state;
    for (spi = 255; spi <= 256; spi++) {
        receive(OLD, 1, 100);
        receive(NEW, 101, 200);
        assert_int_equal(tracker.moves.ties.count, spi == 256);
    }
    spi = SPI;
}

static void a_frame_of_the_old_flow_begins_the_count_anew(void **state)
{
    (void)state;
    receive(OLD, 1, 99);
    receive(NEW, 101, 140);
    receive(OLD, 100, 100); /* it was on its way */
    receive(NEW, 141, 140 + CERTAIN - 1);
    assert_int_equal(tracker.moves.ties.count, 0);
    receive(NEW, 140 + CERTAIN, 140 + CERTAIN);
    check_ties(1, TIE_MOVED, OLD, NEW);
    tracker_finish(&tracker);
    assert_int_equal(lost(OLD) + lost(NEW), 0);
}

/* Both go on: two senders with near numbers, of which the first later ends. */
static void two_senders_do_not_move(void **state)
{
    (void)state;
    receive(OLD, 1000, 1100);
    receive(NEW, 1150, 1160);
    for (uint32_t i = 0; i < 100; i++) {
        receive(OLD, 1101 + i, 1101 + i);
        receive(NEW, 1161 + i, 1161 + i);
    }
    receive(NEW, 1261, 2000);
    assert_int_equal(tracker.moves.ties.count, 0);
    tracker_finish(&tracker);
    assert_int_equal(lost(OLD) + lost(NEW), 0);
}

static void one_or_two_forged_frames_do_not_prevent_it(void **state)
{
    (void)state;
    receive(OLD, 1, 100);
    receive(NEW, 101, 120);
    receive(OLD, 130, 131); /* forged */
    receive(NEW, 121, 200);
    check_ties(1, TIE_MOVED, OLD, NEW);
}

static void nothing_far_away_is_joined_by_it(void **state)
{
    (void)state;
    receive(OLD, 900001, 901000);
    receive(NEW, 901001, 901030);
    receive(OLD, 1, 2); /* forged, and contradicted by what comes to the new flow */
    receive(NEW, 901031, 901200);
    check_ties(1, TIE_MOVED, OLD, NEW);
    tracker_finish(&tracker);
    assert_int_equal(lost(OLD) + lost(NEW), 0);
    assert_int_equal(flow_of(OLD)->restarts, 0);
}

static void the_old_flow_must_be_where_the_new_one_began(void **state)
{
    (void)state;
    receive(OLD, 1, 1000);
    receive(NEW, 1001, 1030);
    receive(OLD, 1, 70); /* it began anew, below 1001 by less than 4,096 */
    receive(NEW, 1031, 1200);
    assert_int_equal(tracker.moves.ties.count, 0);
    tracker_finish(&tracker);
    assert_int_equal(lost(OLD) + lost(NEW), 0);
}

static void the_new_flow_may_go_elsewhere_meanwhile(void **state)
{
    (void)state;
    receive(OLD, 1, 1000);
    receive(NEW, 1001, 1010);
    for (uint32_t i = 1; i < 6; i++) /* its first position is not kept */
        receive(NEW, i * 400000000, i * 400000000 + 9);
    receive(NEW, 2000000010, 2000000300);
    tracker_finish(&tracker);
    assert_int_equal(lost(OLD) + lost(NEW), 0);
}

static void it_comes_back(void **state)
{
    (void)state;
    receive(OLD, 1, 100);
    receive(NEW, 106, 1000);
    receive(OLD, 1004, 1004 + CERTAIN - 2);
    assert_int_equal(tracker.moves.ties.count, 1);
    receive(OLD, 1004 + CERTAIN - 1, 1200);
    check_ties(2, TIE_MOVED, NEW, OLD);
    tracker_finish(&tracker);
    assert_int_equal(lost(NEW), 5);
    assert_int_equal(lost(OLD), 3);
    receive(NEW, 1201, 1300); /* and goes again */
    check_ties(3, TIE_MOVED, OLD, NEW);
    tracker_finish(&tracker);
    assert_int_equal(lost(NEW), 5);
    assert_int_equal(lost(OLD), 3);
}

static void it_comes_back_from_a_third_source(void **state)
{
    (void)state;
    receive(OLD, 1, 100);
    receive(NEW, 101, 200);
    receive(THIRD, 202, 9000);
    check_ties(2, TIE_MOVED, NEW, THIRD);
    receive(OLD, 9002, 9100);
    check_ties(3, TIE_MOVED, THIRD, OLD);
    tracker_finish(&tracker);
    assert_int_equal(lost(OLD), 1);
    assert_int_equal(lost(NEW), 0);
    assert_int_equal(lost(THIRD), 1);
}

/* Flows that the peer left and came back to, again and again. */
static void it_wanders(void **state)
{
    static const uint8_t places[] = {OLD, NEW, OLD, THIRD, NEW, THIRD, OLD, NEW, THIRD, NEW, OLD};
    uint32_t number = 1;

    (void)state;
    for (size_t i = 0; i < sizeof(places); i++) {
        receive(places[i], number, number + 99);
        number += 101;
        if (i)
            check_ties(i, TIE_MOVED, places[i - 1], places[i]);
    }
    tracker_finish(&tracker);
    assert_int_equal(lost(OLD) + lost(NEW) + lost(THIRD), sizeof(places) - 1);
    tracker_expire_idle(&tracker, UINT64_MAX);
    assert_int_equal(tracker.moves.pending.count, 0);
}

/* The old flow goes on where it stopped: the new one was of a forger, or of another sender. */
static void the_old_flow_goes_on(void **state)
{
    (void)state;
    receive(OLD, 1, 100);
    receive(NEW, 106, 300);
    check_ties(1, TIE_MOVED, OLD, NEW);
    assert_int_equal(lost(NEW), 5);
    receive(OLD, 101, 102);
    assert_int_equal(tracker.moves.ties.count, 1); /* two frames may be forged */
    receive(OLD, 103, 500);
    check_ties(2, TIE_UNDONE, OLD, NEW);
    tracker_finish(&tracker);
    assert_int_equal(lost(OLD), 0);
    assert_int_equal(lost(NEW), 0);
    assert_int_equal(tracker.changes.events.count, 2);
    assert_int_equal(tracker.changes.events.events[0].kind, EVENT_MOVED);
    assert_int_equal(tracker.changes.events.events[1].kind, EVENT_UNDONE);
}

/* Of several flows with this SPI, it continues the one whose numbers are nearest. */
static void other_senders_do_not_matter(void **state)
{
    (void)state;
    receive(OLD, 1, 500);
    receive(THIRD, 900000, 900100);
    receive(NEW, 900110, 900200);
    check_ties(1, TIE_MOVED, THIRD, NEW);
    receive(4, 501, 600);
    check_ties(2, TIE_MOVED, OLD, 4);
}

static void flows_that_leave_are_forgotten(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        spi = SPI + i;
        receive(OLD, 1, 100);
        receive(NEW, 101, 200);
        receive(THIRD, 201, 220);
        tracker_expire_idle(&tracker, UINT64_MAX);
        assert_int_equal(tracker.moves.sharers.count, 0);
        assert_int_equal(tracker.moves.pending.count, 0);
        assert_int_equal(tracker.moves.ties.count, i + 1);
    }
}

/* Frames of a great many sources with one SPI take bounded time and memory. */
static void many_sources_share_an_spi(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 200; i++)
        receive((uint8_t)i, 1 + 10 * i, 10 + 10 * i);
    assert_int_equal(tracker.moves.ties.count, 0);
    assert_in_range(tracker.moves.sharers.count, 1, 16);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(it_is_certain_with_64_numbers),
        TEST(copies_do_not_count),
        TEST(it_goes_on_from_the_highest),
        TEST(it_may_pass_2_to_the_32),
        TEST(key_ids_are_shared),
        TEST(a_frame_of_the_old_flow_begins_the_count_anew),
        TEST(two_senders_do_not_move),
        TEST(one_or_two_forged_frames_do_not_prevent_it),
        TEST(nothing_far_away_is_joined_by_it),
        TEST(the_old_flow_must_be_where_the_new_one_began),
        TEST(the_new_flow_may_go_elsewhere_meanwhile),
        TEST(it_comes_back),
        TEST(it_comes_back_from_a_third_source),
        TEST(it_wanders),
        TEST(the_old_flow_goes_on),
        TEST(other_senders_do_not_matter),
        TEST(flows_that_leave_are_forgotten),
        TEST(many_sources_share_an_spi),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
