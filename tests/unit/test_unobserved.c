/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Runs of frames that the sensor missed itself: what was sent, arrived and was seen of them is
 * known here, so what must be counted as lost is, too. Frame N comes at N nanoseconds. */
#include "track/sequence.h"

#include <string.h>

#include "missed.h"
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

static struct frame_record frame(uint32_t number)
{
    return (struct frame_record){
        .key.protocol = OUTCOME_ESP, .sequence = number, .wire_packets = 1, .timestamp_ns = number};
}

/* The frame NUMBER finds no room either. */
static void extend(struct missed_run *missed, uint32_t number)
{
    const struct frame_record record = frame(number);

    if (missed->packets)
        missed_extend(missed, &record);
    else
        missed_begin(missed, &record);
}

/* The frames from FIRST to LAST, but for LOST in the middle of them, find no room. */
static struct missed_run run(uint32_t first, uint32_t last, uint32_t lost)
{
    uint32_t half = (last - first + 1 - lost) / 2;
    struct missed_run missed = {.key.protocol = OUTCOME_ESP};

    for (uint32_t number = first; number <= last; number++)
        if (number - first < half || number - first >= half + lost)
            extend(&missed, number);
    return missed;
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
    assert_int_equal(flow.figures.lost[CAUSE_NETWORK] + flow.figures.lost[CAUSE_UNDETERMINED],
                     lost);
    assert_int_equal(in_gaps, lost);
    assert_int_equal(flow.figures.gaps, gaps.count);
    assert_int_equal(flow.unobserved, unobserved);
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
    assert_int_equal(flow.figures.duplicates + flow.figures.late + flow.outliers, 0);
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
    assert_int_equal(gaps.count, 1);
    assert_int_equal(gaps.gaps[0].expected_sequence, 147);
    assert_int_equal(gaps.gaps[0].received_sequence, 154);
    assert_int_equal(gaps.gaps[0].timestamp_ns, 154); /* had they come evenly, as they did */
    assert_int_equal(gaps.gaps[0].duration_ns, 154 - 146);
    assert_int_equal(flow.figures.lost[CAUSE_NETWORK], 7);
    ends_with(7, 93);
}

/* Which numbers those are is known of the first and the last 64 alone. */
static void in_the_middle_of_a_long_run_one_gap_stands_for_all(void **state)
{
    struct missed_run missed = {.key.protocol = OUTCOME_ESP};

    (void)state;
    receive(1, 100);
    for (uint32_t number = 101; number <= 1000; number++)
        if (number % 100 != 50)
            extend(&missed, number);
    take(missed);
    receive(1001, 1100);
    assert_int_equal(gaps.count, 3); /* 150, the one that stands for seven, and 950 */
    assert_int_equal(gaps.gaps[1].size, 7);
    assert_int_equal(gaps.gaps[1].expected_sequence, 165);
    assert_int_equal(gaps.gaps[1].received_sequence, 937);
    assert_int_equal(gaps.gaps[1].timestamp_ns, 1000);
    assert_int_equal(gaps.gaps[1].duration_ns, 1000 - 101);
    ends_with(9, 891);
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
    assert_int_equal(flow.figures.lost[CAUSE_NETWORK], 2);
    ends_with(2, 8);
}

static void a_run_that_reaches_beyond_the_window(void **state)
{
    (void)state;
    receive(1, 10);
    receive(12, 20);
    miss(11, 15, 3); /* these three have records */
    miss(21, 21 + 10 * WINDOW, 0);
    receive(22 + 10 * WINDOW, 22 + 20 * WINDOW);
    assert_int_equal(flow.restarts, 0);
    ends_with(0, 2 + 10 * WINDOW + 1);
}

static void wrapping_around_in_a_run_is_no_loss(void **state)
{
    struct missed_run missed = {.key.protocol = OUTCOME_ESP};

    (void)state;
    receive(UINT32_MAX - 9, UINT32_MAX - 1);
    for (uint32_t number = UINT32_MAX; number != 100; number++)
        extend(&missed, number);
    take(missed);
    receive(100, 200);
    assert_int_equal(flow.figures.wraparounds, 1);
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
    assert_int_equal(flow.outliers, 0);
    assert_int_equal(flow.restarts, 0);
    ends_with(200000 - 100, 100);
}

static void one_frame_confirms_no_jump(void **state)
{
    (void)state;
    receive(1, 100);
    miss(200001, 200001, 0);
    receive(101, 200);
    assert_int_equal(flow.outliers, 1);
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
    struct missed_run missed = run(6001, 6500, 2);

    (void)state;
    for (uint32_t number = 1; number <= 504; number++)
        if (number % 250 != 0)
            extend(&missed, number);
    receive(5000, 6000);
    take(missed);
    receive(505, 600);
    assert_int_equal(flow.restarts, 1);
    assert_int_equal(sequence_last(&sequencer, &flow), 600);
    ends_with(4, 1000);
}

static void merged_frames_in_a_run(void **state)
{
    struct missed_run missed = {.key.protocol = OUTCOME_ESP};

    (void)state;
    receive(1, 100);
    for (uint32_t number = 101; number <= 1000; number += 45) {
        struct frame_record record = frame(number);

        record.wire_packets = number % 2 ? 44 : 45;
        if (missed.packets)
            missed_extend(&missed, &record);
        else
            missed_begin(&missed, &record);
    }
    take(missed);
    receive(1001, 1100);
    ends_with(10, 890);
}

static void a_far_jump_in_a_run_counts_once_it_is_confirmed(void **state)
{
    struct missed_run missed = run(101, 200, 0);

    (void)state;
    receive(1, 100);
    extend(&missed, 70000); /* alone */
    for (uint32_t number = 201; number <= 300; number++)
        extend(&missed, number);
    for (uint32_t number = 500; number <= 600; number++)
        extend(&missed, number);
    take(missed);
    receive(601, 700);
    assert_int_equal(flow.restarts, 0);
    ends_with(199, 302);
}

/* --- any order --- */

enum { FRAMES = 3000, SHUFFLED = 24, SEEDS = 300 };

static uint32_t random_state;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)random_state * limit >> 32);
}

/* Fills ARRIVALS with the numbers from FIRST on that arrive, some late, though within the window,
 * some twice; returns how many those are, and in LOST how many never do. The first and the last few
 * arrive in order. */
static size_t make_arrivals(uint32_t *arrivals, uint32_t first, uint32_t *lost)
{
    size_t count = 0;

    *lost = 0;
    for (uint32_t i = 0; i < FRAMES; i++) {
        int is_edge = i < SHUFFLED || i >= FRAMES - SHUFFLED;

        if (!is_edge && random_below(20) == 0) {
            ++*lost;
            continue;
        }
        arrivals[count++] = first + i;
        if (!is_edge && random_below(50) == 0)
            arrivals[count++] = first + i;
    }
    for (size_t i = SHUFFLED; i + SHUFFLED < count; i++) {
        size_t block = i / SHUFFLED * SHUFFLED;
        size_t other = random_below(10) ? i : block + random_below(SHUFFLED);
        uint32_t number = arrivals[i];

        if (other + SHUFFLED >= count)
            break;

        arrivals[i] = arrivals[other];
        arrivals[other] = number;
    }
    return count;
}

/* How many frames in a row find room, or find none: mostly few, so that there are many edges. */
static uint32_t random_stretch(void)
{
    return 1 + random_below(random_below(8) ? 20 : 700);
}

/* The sensor has room for COUNT frames at times only. */
static void receive_or_miss(const uint32_t *arrivals, size_t count)
{
    size_t i = 0;

    while (i < count) {
        struct missed_run missed = {.packets = 0};

        for (uint32_t seen = random_stretch(); seen && i < count; seen--, i++)
            assert_int_equal(sequence_receive(&sequencer, &flow, 0, arrivals[i], i), 0);
        for (uint32_t unseen = random_stretch(); unseen && i < count; unseen--, i++)
            extend(&missed, arrivals[i]);
        if (missed.packets)
            take(missed);
    }
}

/* Whatever is late, twice or lost, and wherever the sensor has no room: as much is lost as never
 * arrived. */
static void loss_is_exact_in_any_order(void **state)
{
    static uint32_t arrivals[2 * FRAMES];

    (void)state;
    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        uint32_t first = seed % 2 ? seed * 1000 : UINT32_MAX - FRAMES / 2, lost;
        size_t count;

        random_state = seed;
        count = make_arrivals(arrivals, first, &lost);
        end(NULL);
        begin(NULL);
        receive_or_miss(arrivals, count);
        sequence_flush(&sequencer, &flow);
        if (flow.figures.lost[CAUSE_NETWORK] != lost)
            print_message("seed %u: %u lost, not %u late %u restarts %u out %u\n", seed,
                          (unsigned)flow.figures.lost[CAUSE_NETWORK], lost,
                          (unsigned)flow.figures.late, flow.restarts, (unsigned)flow.outliers);
    }
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
    assert_int_equal(flow.figures.lost[CAUSE_UNDETERMINED], 10);
    assert_int_equal(flow.figures.lost[CAUSE_NETWORK], 4);
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
    assert_int_equal(flow.figures.lost[CAUSE_NETWORK], 5);
    ends_with(5, 15);
}

static void without_memory_for_a_space_the_run_is_refused(void **state)
{
    struct missed_run missed = run(1, 10, 0);

    (void)state;
    sequencer.spaces.limit = 0;
    assert_int_equal(sequence_receive_missed(&sequencer, &flow, &missed), -1);
    assert_int_equal(flow.unobserved, 10);
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
        TEST(in_the_middle_of_a_long_run_one_gap_stands_for_all),
        TEST(gaps_before_and_behind_a_run),
        TEST(a_pending_number_comes_behind_the_run),
        TEST(a_run_behind_records_fills_their_gap),
        TEST(a_run_that_reaches_beyond_the_window),
        TEST(wrapping_around_in_a_run_is_no_loss),
        TEST(a_run_confirms_the_jump_that_it_starts_with),
        TEST(one_frame_confirms_no_jump),
        TEST(a_run_that_starts_anew),
        TEST(a_restart_inside_of_a_run),
        TEST(merged_frames_in_a_run),
        TEST(a_far_jump_in_a_run_counts_once_it_is_confirmed),
        TEST(loss_is_exact_in_any_order),
        TEST(a_gap_that_touches_a_blind_spot_is_undetermined),
        TEST(a_blind_spot_between_frames_without_a_gap_means_nothing),
        TEST(a_blind_spot_does_not_concern_what_a_run_tells),
        TEST(without_memory_for_a_space_the_run_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
