/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Runs of frames that the sensor missed itself: what was sent, arrived and was seen of them is
 * known here, so what must be counted as lost is, too. Frame N comes at N nanoseconds. */
#include "track/sequence.h"

#include <string.h>

#include "track/flow_table.h"
#include "unit.h"

enum { WINDOW = 32 };

static struct gap_log gaps;
static struct sequencer sequencer;
static struct flow flow;

static int begin(void **state)
{
    (void)state;
    memset(&flow, 0, sizeof(flow));
    gap_log_init(&gaps, 1000);
    return sequencer_init(&sequencer, WINDOW, 4, &gaps);
}

static int end(void **state)
{
    (void)state;
    sequencer_release(&sequencer);
    gap_log_release(&gaps);
    return 0;
}

static void receive(uint32_t first, uint32_t last)
{
    for (uint32_t number = first; number <= last; number++)
        assert_int_equal(sequence_receive(&sequencer, &flow, 0, number, number), 0);
}

/* The frames from FIRST to LAST, but for LOST of them, find no room. */
static struct missed_run run(uint32_t first, uint32_t last, uint32_t lost)
{
    return (struct missed_run){
        .packets = last - first + 1 - lost,
        .lost = lost,
        .first_sequence = first,
        .last_sequence = last,
        .first_ns = first,
        .last_ns = last,
    };
}

static void take(struct missed_run missed)
{
    assert_int_equal(sequence_receive_missed(&sequencer, &flow, &missed), 0);
}

static void miss(uint32_t first, uint32_t last, uint32_t lost)
{
    take(run(first, last, lost));
}

/* The stream ends: so much was lost, in gaps that say so, and nothing else is left. */
static void ends_with(uint64_t lost, uint64_t unobserved)
{
    uint64_t in_gaps = 0;

    sequence_end(&sequencer, &flow);
    for (size_t i = 0; i < gaps.count; i++)
        in_gaps += gaps.gaps[i].size;
    assert_int_equal(flow.figures.lost, lost);
    assert_int_equal(in_gaps, lost);
    assert_int_equal(flow.figures.gaps, gaps.count);
    assert_int_equal(flow.figures.unobserved, unobserved);
    assert_int_equal(
        sequencer.lost_by_cause[CAUSE_NETWORK] + sequencer.lost_by_cause[CAUSE_UNDETERMINED], lost);
    assert_int_equal(sequencer.runs.count, 0);
    assert_int_equal(sequencer.spaces.count, 0);
}

static void nothing_but_a_run(void **state)
{
    (void)state;
    miss(1001, 2000, 10);
    assert_int_equal(flow.first_sequence, 1001);
    assert_int_equal(sequence_last(&sequencer, &flow), 2000);
    ends_with(10, 990);
}

static void a_run_of_one_frame(void **state)
{
    (void)state;
    receive(1, 10);
    miss(11, 11, 0);
    receive(12, 20);
    ends_with(0, 1);
}

static void a_run_before_any_record(void **state)
{
    (void)state;
    miss(1, 100, 0);
    receive(101, 200);
    assert_int_equal(flow.figures.duplicates + flow.figures.late + flow.figures.outliers, 0);
    ends_with(0, 100);
}

static void a_run_between_records_is_no_gap(void **state)
{
    (void)state;
    receive(1, 100);
    miss(101, 1000000, 0);
    receive(1000001, 1000100);
    assert_int_equal(flow.restarts, 0);
    ends_with(0, 999900);
}

static void what_is_missing_in_a_run_is_the_networks(void **state)
{
    (void)state;
    receive(1, 100);
    miss(101, 200, 7);
    receive(201, 300);
    assert_int_equal(sequencer.lost_by_cause[CAUSE_NETWORK], 7);
    assert_int_equal(gaps.gaps[0].size, 7);
    assert_int_equal(gaps.gaps[0].timestamp_ns, 200);
    assert_int_equal(gaps.gaps[0].duration_ns, 200 - 101);
    ends_with(7, 93);
}

/* The network lost the frames on both sides of the run. */
static void gaps_before_and_behind_a_run(void **state)
{
    (void)state;
    receive(1, 100);
    miss(104, 200, 0);
    receive(206, 300);
    assert_int_equal(gaps.count, 2);
    assert_int_equal(gaps.gaps[0].expected_sequence, 101);
    assert_int_equal(gaps.gaps[0].received_sequence, 104);
    assert_int_equal(gaps.gaps[1].expected_sequence, 201);
    assert_int_equal(gaps.gaps[1].received_sequence, 206);
    ends_with(3 + 5, 97);
}

static void a_pending_number_comes_behind_the_run(void **state)
{
    (void)state;
    receive(1, 10);
    miss(12, 20, 0); /* 11 is still on its way */
    receive(11, 11);
    receive(21, 100);
    assert_int_equal(flow.figures.reordered, 1);
    ends_with(0, 9);
}

/* Two processors: the records that came after the run were handed over before it. */
static void a_run_behind_records_fills_their_gap(void **state)
{
    (void)state;
    receive(1, 10);
    receive(21, 30);
    miss(11, 20, 2);
    receive(31, 100);
    assert_int_equal(flow.figures.lost, 2);
    ends_with(2, 8);
}

static void a_run_that_reaches_beyond_the_window(void **state)
{
    (void)state;
    receive(1, 10);
    receive(12, 20);
    miss(11, 15, 3);
    miss(21, 21 + 10 * WINDOW, 0);
    receive(22 + 10 * WINDOW, 22 + 20 * WINDOW);
    assert_int_equal(flow.restarts, 0);
    ends_with(3, 2 + 10 * WINDOW + 1);
}

static void wrapping_around_in_a_run_is_no_loss(void **state)
{
    (void)state;
    receive(UINT32_MAX - 9, UINT32_MAX - 1);
    take((struct missed_run){.packets = 101,
                             .first_sequence = UINT32_MAX,
                             .last_sequence = 99,
                             .first_ns = 1,
                             .last_ns = 2});
    receive(100, 200);
    assert_int_equal(flow.wraparounds, 1);
    assert_int_equal(flow.restarts, 0);
    ends_with(0, 101);
}

/* --- jumps and restarts --- */

static void a_run_confirms_the_jump_that_it_starts_with(void **state)
{
    (void)state;
    receive(1, 100);
    miss(200001, 200100, 0);
    receive(200101, 200200);
    assert_int_equal(flow.figures.outliers, 0);
    assert_int_equal(flow.restarts, 0);
    ends_with(200000 - 100, 100);
}

static void one_frame_confirms_no_jump(void **state)
{
    (void)state;
    receive(1, 100);
    miss(200001, 200001, 0);
    receive(101, 200);
    assert_int_equal(flow.figures.outliers, 1);
    ends_with(0, 1);
}

static void a_run_that_starts_anew(void **state)
{
    (void)state;
    receive(5000, 6000);
    miss(1, 100, 0);
    receive(101, 200);
    assert_int_equal(flow.restarts, 1);
    ends_with(0, 100);
}

static void a_restart_inside_of_a_run(void **state)
{
    struct missed_run missed = run(6001, 6500, 0);

    (void)state;
    missed.packets = 1000;
    missed.lost = 4;
    missed.restarts = 1;
    missed.last_sequence = 504;
    receive(5000, 6000);
    take(missed);
    receive(505, 600);
    assert_int_equal(flow.restarts, 1);
    assert_int_equal(sequence_last(&sequencer, &flow), 600);
    ends_with(4, 1000);
}

/* --- blind spots --- */

static void a_gap_that_touches_a_blind_spot_is_undetermined(void **state)
{
    (void)state;
    receive(1, 10);
    blind_spots_add(&sequencer.blind, 15, 18);
    receive(21, 100); /* numbers are times: missing from 10 to 21 */
    receive(105, 200);
    assert_int_equal(gaps.count, 2);
    assert_int_equal(gaps.gaps[0].cause, CAUSE_UNDETERMINED);
    assert_int_equal(gaps.gaps[1].cause, CAUSE_NETWORK);
    assert_int_equal(sequencer.lost_by_cause[CAUSE_UNDETERMINED], 10);
    assert_int_equal(sequencer.lost_by_cause[CAUSE_NETWORK], 4);
    ends_with(14, 0);
}

static void a_blind_spot_between_frames_without_a_gap_means_nothing(void **state)
{
    (void)state;
    receive(1, 10);
    blind_spots_add(&sequencer.blind, 10, 11);
    receive(11, 50);
    receive(53, 100);
    assert_int_equal(gaps.gaps[0].cause, CAUSE_NETWORK);
    ends_with(2, 0);
}

/* The frames of the run were seen: what is missing among them is the network's. */
static void a_blind_spot_does_not_concern_what_a_run_tells(void **state)
{
    (void)state;
    receive(1, 10);
    blind_spots_add(&sequencer.blind, 10, 30);
    miss(11, 30, 5);
    receive(31, 100);
    assert_int_equal(sequencer.lost_by_cause[CAUSE_NETWORK], 5);
    ends_with(5, 15);
}

static void without_memory_for_a_space_the_run_is_refused(void **state)
{
    struct missed_run missed = run(1, 10, 0);

    (void)state;
    sequencer.spaces.limit = 0;
    assert_int_equal(sequence_receive_missed(&sequencer, &flow, &missed), -1);
    assert_int_equal(flow.figures.unobserved, 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_but_a_run),
        TEST(a_run_of_one_frame),
        TEST(a_run_before_any_record),
        TEST(a_run_between_records_is_no_gap),
        TEST(what_is_missing_in_a_run_is_the_networks),
        TEST(gaps_before_and_behind_a_run),
        TEST(a_pending_number_comes_behind_the_run),
        TEST(a_run_behind_records_fills_their_gap),
        TEST(a_run_that_reaches_beyond_the_window),
        TEST(wrapping_around_in_a_run_is_no_loss),
        TEST(a_run_confirms_the_jump_that_it_starts_with),
        TEST(one_frame_confirms_no_jump),
        TEST(a_run_that_starts_anew),
        TEST(a_restart_inside_of_a_run),
        TEST(a_gap_that_touches_a_blind_spot_is_undetermined),
        TEST(a_blind_spot_between_frames_without_a_gap_means_nothing),
        TEST(a_blind_spot_does_not_concern_what_a_run_tells),
        TEST(without_memory_for_a_space_the_run_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
