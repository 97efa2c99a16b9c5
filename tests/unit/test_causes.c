/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The causes of gaps: lost by the network, or undetermined. */
#include "track/sequence/channel.h"
#include "track/tracker.h"

#include "base/units.h"
#include "unit.h"

static struct tracker tracker;
static struct frame_record frame;

static void begin_window(uint32_t window)
{
    assert_int_equal(tracker_init(&tracker, window, 10), 0);
    frame = (struct frame_record){
        .key = {.protocol = OUTCOME_ESP, .family = 4, .spi = 0x1001},
        .wire_bytes = 100,
        .wire_packets = 1,
    };
}

static void receive_at(uint64_t time_ns, uint32_t number)
{
    frame.timestamp_ns = time_ns;
    frame.sequence = number;
    tracker_receive(&tracker, &frame, 1, NULL);
}

/* Receives FIRST to LAST in order, each number N at N * 100 ns. */
static void receive(uint32_t first, uint32_t last)
{
    for (uint32_t number = first; number <= last; number++)
        receive_at(UINT64_C(100) * number, number);
}

static uint64_t lost(enum gap_cause cause)
{
    return tracker_summary(&tracker).lost[cause];
}

/* Ends the stream and checks the two kinds of loss. */
static void expect(uint64_t network, uint64_t undetermined)
{
    tracker_finish(&tracker);
    assert_int_equal(lost(CAUSE_NETWORK), network);
    assert_int_equal(lost(CAUSE_UNDETERMINED), undetermined);
    tracker_release(&tracker);
}

static void a_gap_is_the_networks(void **state)
{
    (void)state;
    begin_window(32);
    receive(1, 10);
    receive(20, 30);
    expect(9, 0);
}

/* Checks whether a span touches the gap from 11 to 19, between frames at 1,000 and 2,000 ns. */
static void check_spot(uint64_t from_ns, uint64_t until_ns, int is_touched)
{
    begin_window(32);
    receive(1, 10);
    tracker_note_drops(&tracker, from_ns, until_ns);
    receive(20, 30);
    expect(is_touched ? 0 : 9, is_touched ? 9 : 0);
}

static void a_spot_that_the_gap_touches_makes_it_undetermined(void **state)
{
    (void)state;
    check_spot(1400, 1500, 1);
    check_spot(0, 3000, 1);
    check_spot(900, 1000, 1); /* ends with the frame before the gap */
    check_spot(900, 999, 0);
    check_spot(2000, 2100, 1); /* begins with the frame after it */
    check_spot(2001, 2100, 0);
}

static void the_gaps_around_a_spot_stay_the_networks(void **state)
{
    (void)state;
    begin_window(4);
    receive(1, 10);
    receive(12, 20); /* 11 is lost */
    tracker_note_drops(&tracker, 2050, 2550);
    receive(26, 40);
    receive(42, 50);
    expect(2, 5);
}

/* A late frame splits a gap; both parts keep the cause. */
static void a_late_frame_changes_no_cause(void **state)
{
    (void)state;
    begin_window(32);
    receive(1, 10);
    tracker_note_drops(&tracker, 1400, 1500);
    receive(20, 21);
    receive_at(2150, 15); /* in the middle */
    receive_at(2160, 11); /* the first */
    receive_at(2175, 19); /* the last */
    receive(22, 60);
    assert_int_equal(tracker.gaps.count, 2);
    assert_int_equal(tracker.gaps.gaps[0].timestamp_ns, 2150);
    assert_int_equal(tracker.gaps.gaps[0].duration_ns,
                     0); /* the frames around it came in reverse order */
    assert_int_equal(tracker.gaps.gaps[1].timestamp_ns, 2175);
    assert_int_equal(tracker.gaps.gaps[1].duration_ns, 25);
    expect(0, 6);
}

/* Nor does a spot after the gap, when a frame of the gap comes even later. */
static void a_late_frame_brings_no_spot_into_the_gap(void **state)
{
    (void)state;
    for (uint32_t late = 11; late <= 12; late++) {
        begin_window(32);
        receive(1, 10);
        receive(13, 14);
        tracker_note_drops(&tracker, 1450, 1460);
        receive_at(1500, late); /* 100 ns after 14 */
        receive(15, 30);
        expect(1, 0);
    }
}

/* Receives FIRST to LAST as receive() does, from the two ORIGINS in turns. */
static void receive_of(uint32_t first, uint32_t last, const uint8_t origins[2])
{
    for (uint32_t number = first; number <= last; number++) {
        frame.timestamp_ns = UINT64_C(100) * number;
        frame.sequence = number;
        tracker_receive_of(&tracker, &frame, &origins[number % 2], 1);
    }
}

/* A spot of one origin touches the gaps of flows with frames of it. */
static void a_spot_of_an_origin(void **state)
{
    static const struct {
        uint8_t origins[2];
        unsigned spot;
        int is_touched;
    } cases[] = {
        {{0, 0}, 0, 1},    {{0, 0}, 1, 0},    {{1, 1}, 0, 0},
        {{0, 1}, 0, 1},    {{0, 1}, 1, 1},    {{0, 1}, 2, 0},
        {{31, 31}, 31, 1}, {{30, 30}, 31, 0}, {{31, 0}, ORIGIN_ALL, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lost_span span = {.from_ns = 1200, .until_ns = 1300, .origin = cases[i].spot};

        begin_window(32);
        receive_of(1, 10, cases[i].origins);
        tracker_note_losses(&tracker, &span, 1);
        receive_of(20, 30, cases[i].origins);
        expect(cases[i].is_touched ? 0 : 9, cases[i].is_touched ? 9 : 0);
    }
}

/* Frames that waited until their flow was certain have the origins that they came from. */
static void a_spot_of_an_origin_of_candidates(void **state)
{
    struct lost_span span = {.from_ns = 250, .until_ns = 350, .origin = 5};
    static const uint8_t first[2] = {5, 5}, others[2] = {6, 6};

    (void)state;
    begin_window(32);
    frame.flags = RECORD_CANDIDATE;
    frame.ports = 0x11941194;
    receive_of(1, 2, first);
    tracker_note_losses(&tracker, &span, 1);
    receive_of(4, 9, others);
    expect(0, 1);
}

static void a_jump_across_a_spot_is_undetermined(void **state)
{
    (void)state;
    begin_window(32);
    receive(1, 100);
    tracker_note_drops(&tracker, 10050, 50000);
    receive(5001, 5003);
    receive_at(500350, 4990); /* late, in the window after the jump */
    receive(5004, 5200);
    expect(0, 4899);
}

/* What came first may be behind what came last: the spot is between them all the same. */
static void a_jump_that_began_before_the_spot_is_undetermined(void **state)
{
    (void)state;
    begin_window(32);
    receive(1, 20);
    receive_at(2050, 1000); /* the first of the frames behind the jump */
    tracker_note_drops(&tracker, 2060, 2070);
    receive(21, 22);
    receive_at(4050, 1001);
    receive_at(4060, 1002);
    receive_at(4070, 1003);
    receive(1004, 1100);
    expect(2, 977); /* behind the jump, a receiver refuses 21 and 22 */
}

/* A jump that is taken back gives back the gaps behind it; when it is believed again they are what
 * they were. */
static void what_is_withdrawn_keeps_its_cause(void **state)
{
    (void)state;
    begin_window(32);
    receive(1, 100);
    receive(50001, 50010);
    tracker_note_drops(&tracker, 5001050, 5001550);
    receive(50016, 50020);
    receive_at(5002050, 50013); /* 50011, 50012, 50014 and 50015 are missing */
    receive(50021, 50110);
    assert_int_equal(lost(CAUSE_NETWORK), 49900);
    assert_int_equal(lost(CAUSE_UNDETERMINED), 4);
    for (uint32_t number = 101; number <= 103; number++)
        receive_at(5011000 + number, number);
    assert_int_equal(lost(CAUSE_UNDETERMINED), 0);
    receive(50111, 50300);
    expect(3, 49901); /* the jump is now from after the spot to before it */
}

static void shift(int64_t step_ns)
{
    tracker_shift_time(&tracker, step_ns);
    frame.timestamp_ns = shift_time(frame.timestamp_ns, step_ns);
}

/* The clock is set forward or back while numbers are missing, but not yet lost. */
static void a_gap_waits_across_a_step_of_the_clock(void **state)
{
    static const int64_t steps[] = {-700000, 3600 * (int64_t)NS_PER_SECOND};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        uint64_t start_ns = 1000000, now_ns = shift_time(start_ns, steps[i]);

        begin_window(32);
        receive_at(start_ns, 1);
        receive_at(start_ns + 10, 3); /* 2: network */
        tracker_note_drops(&tracker, start_ns + 20, start_ns + 30);
        receive_at(start_ns + 40, 6); /* 4 and 5: undetermined */
        shift(steps[i]);
        for (uint32_t number = 7; number < 60; number++)
            receive_at(now_ns + 10 * number, number);
        assert_int_equal(tracker.gaps.gaps[0].timestamp_ns, now_ns + 10);
        assert_int_equal(tracker.gaps.gaps[0].duration_ns, 10);
        assert_int_equal(tracker.gaps.gaps[1].timestamp_ns, now_ns + 40);
        assert_int_equal(tracker.gaps.gaps[1].duration_ns, 30);
        expect(1, 2);
    }
}

/* The same for a span that is noted before the step, and a gap found after it. */
static void a_spot_moves_with_the_clock(void **state)
{
    (void)state;
    begin_window(4);
    receive_at(1000000, 1);
    tracker_note_drops(&tracker, 1000010, 1000020);
    shift(-500000);
    receive_at(500030, 5);   /* 2 to 4 */
    receive_at(500040, 8);   /* 6 and 7 */
    receive_at(1000015, 10); /* 9: not at the time of the span, by the new clock */
    expect(3, 3);
}

/* The first ten seconds of a capture are ten seconds, whatever the clock is set to. */
static void how_long_it_was_watched_does_not_depend_on_the_clock(void **state)
{
    (void)state;
    begin_window(32);
    receive_at(NS_PER_SECOND, 1);
    shift(3600 * (int64_t)NS_PER_SECOND);
    frame.key.spi++;
    for (uint32_t number = 5; number < 10; number++) /* it may have been there before */
        receive_at(3602 * NS_PER_SECOND + number, number);
    expect(0, 0);
}

/* Receives two senders, from 1 and from 1,000,001 on; the first omits LOST_NUMBER. Returns the time
 * of its next number. */
static uint64_t send_side_by_side(uint32_t lost_number)
{
    begin_window(32);
    for (uint32_t i = 1; i <= 300; i++) {
        if (i != lost_number)
            receive_at(1000000 + 10 * i, i);
        receive_at(1000005 + 10 * i, 1000000 + i);
    }
    return 1000000 + 10 * (lost_number + 1);
}

/* Loss is undetermined after the frame that shows that there are two senders. */
static void two_senders_make_undetermined_what_is_lost_from_then_on(void **state)
{
    unsigned at_that_moment = 0;

    (void)state;
    for (uint32_t number = 50; number < 150; number++) {
        uint64_t after_ns = send_side_by_side(number);
        uint32_t handle = flow_table_oldest(&tracker.table);
        const struct flow *flow = flow_table_at(&tracker.table, handle);
        uint64_t mixed_ns = channel_at(&tracker.sequencer, flow->channel)->mixed_ns;

        assert_true(flow->mixed_senders);
        at_that_moment += after_ns == mixed_ns;
        expect(after_ns <= mixed_ns, after_ns > mixed_ns);
    }
    assert_true(at_that_moment > 0);
}

/* The same when the clock is set in between. */
static void two_senders_are_two_senders_across_a_step_of_the_clock(void **state)
{
    (void)state;
    begin_window(32);
    for (uint32_t i = 1; i <= 300; i++) {
        receive_at(1000000 + 10 * i, i);
        receive_at(1000005 + 10 * i, 1000000 + i);
    }
    shift(-900000);
    for (uint32_t i = 302; i <= 400; i++) {
        receive_at(100000 + 10 * i, i);
        receive_at(100005 + 10 * i, 1000000 + i);
    }
    tracker_finish(&tracker);
    assert_int_equal(lost(CAUSE_NETWORK), 0);
    assert_true(lost(CAUSE_UNDETERMINED) > 0);
    tracker_release(&tracker);
}

/* Of merged frames only the first number is known. Other flows are not affected. */
static void a_merged_flow_is_undetermined_and_no_other(void **state)
{
    (void)state;
    begin_window(4);
    receive(1, 9);
    frame.flags = RECORD_MERGED;
    frame.wire_packets = 10;
    receive(10, 10);
    frame.flags = 0;
    frame.wire_packets = 1;
    receive(20, 30);
    frame.key.spi++;
    receive(1, 10);
    receive(12, 30);
    assert_int_equal(tracker_summary(&tracker).packets, 9 + 10 + 11 + 10 + 19);
    expect(1, 9);
}

/* Adds to MISSED the frames FIRST to LAST, which the sensor missed from FROM_NS to UNTIL_NS. */
static void miss(struct missed_frames *missed, uint32_t first, uint32_t last, uint64_t from_ns,
                 uint64_t until_ns)
{
    for (uint32_t number = first; number <= last; number++) {
        frame.sequence = number;
        frame.timestamp_ns = number == first ? from_ns : until_ns;
        assert_int_equal(missed_add(missed, &frame), 0);
    }
}

static void play(const struct missed_frames *missed)
{
    struct frame_record stands = frame;

    stands.flags |= RECORD_MISSED;
    stands.missed = 0;
    tracker_receive(&tracker, &stands, 1, missed);
}

/* Numbers of missed frames are known, so gaps among them are lost by the network. */
static void missed_frames_are_exact(void **state)
{
    struct missed_frames missed;

    (void)state;
    begin_window(4);
    receive(1, 10);
    missed_clear(&missed, &frame);
    miss(&missed, 11, 15, 1100, 1500);
    miss(&missed, 18, 20, 1800, 2000);
    play(&missed);
    receive(22, 30);
    expect(3, 0);
}

/* When each missed frame came is unknown, so any of their gaps may be in the span. */
static void a_spot_anywhere_among_missed_frames_touches_their_gaps(void **state)
{
    struct missed_frames missed;

    (void)state;
    for (uint64_t spot_ns = 1110; spot_ns < 2000; spot_ns += 800) {
        begin_window(4);
        receive(1, 10);
        tracker_note_drops(&tracker, spot_ns, spot_ns + 1);
        missed_clear(&missed, &frame);
        miss(&missed, 11, 15, 1100, 1500);
        miss(&missed, 18, 20, 1800, 2000);
        play(&missed);
        receive(22, 30); /* 21 is missing after them, when times are exact again */
        expect(1, 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_is_the_networks),
        cmocka_unit_test(a_spot_that_the_gap_touches_makes_it_undetermined),
        cmocka_unit_test(the_gaps_around_a_spot_stay_the_networks),
        cmocka_unit_test(a_late_frame_changes_no_cause),
        cmocka_unit_test(a_late_frame_brings_no_spot_into_the_gap),
        cmocka_unit_test(a_spot_of_an_origin),
        cmocka_unit_test(a_spot_of_an_origin_of_candidates),
        cmocka_unit_test(a_jump_across_a_spot_is_undetermined),
        cmocka_unit_test(a_jump_that_began_before_the_spot_is_undetermined),
        cmocka_unit_test(what_is_withdrawn_keeps_its_cause),
        cmocka_unit_test(a_gap_waits_across_a_step_of_the_clock),
        cmocka_unit_test(a_spot_moves_with_the_clock),
        cmocka_unit_test(how_long_it_was_watched_does_not_depend_on_the_clock),
        cmocka_unit_test(two_senders_make_undetermined_what_is_lost_from_then_on),
        cmocka_unit_test(two_senders_are_two_senders_across_a_step_of_the_clock),
        cmocka_unit_test(a_merged_flow_is_undetermined_and_no_other),
        cmocka_unit_test(missed_frames_are_exact),
        cmocka_unit_test(a_spot_anywhere_among_missed_frames_touches_their_gaps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
