/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The rules of counting are held against an independent model in tests/model; here stands what only
 * shows from inside: how much it takes, and what happens when memory is short. */
#include "track/sequence.h"

#include <string.h>

#include "track/flow_table.h"
#include "unit.h"

struct fixture {
    struct gap_log gaps;
    struct sequencer sequencer;
    struct flow flow;
};

static struct fixture fixture;

static void begin_window(uint32_t window)
{
    memset(&fixture, 0, sizeof(fixture));
    gap_log_init(&fixture.gaps, 1000);
    assert_int_equal(sequencer_init(&fixture.sequencer, window, 4, &fixture.gaps), 0);
}

static void end_window(void)
{
    sequence_end(&fixture.sequencer, &fixture.flow);
    /* Whatever was counted, nothing is left behind. */
    assert_int_equal(fixture.sequencer.spaces.count, 0);
    assert_int_equal(fixture.sequencer.runs.count, 0);
    sequencer_release(&fixture.sequencer);
    gap_log_release(&fixture.gaps);
}

static void receive(uint32_t number)
{
    assert_int_equal(sequence_receive(&fixture.sequencer, &fixture.flow, 0, number, number), 0);
}

/* The promise: a flow with all its state costs at most 320 bytes at window 32. */
static void a_flow_costs_at_most_352_bytes(void **state)
{
    (void)state;
    begin_window(32);
    /* The index is at its emptiest just after it has doubled: three slots for a flow. */
    assert_true(sizeof(struct flow) + fixture.sequencer.spaces.element_bytes +
                    sizeof(struct flow_link) + 3 * sizeof(struct flow_slot) <=
                352);
    end_window();
}

static void a_number_is_lost_when_the_highest_is_a_window_ahead(void **state)
{
    (void)state;
    begin_window(4);
    receive(1);
    receive(3);
    receive(4);
    receive(5);
    assert_int_equal(fixture.flow.figures.lost[CAUSE_NETWORK], 0);
    receive(6);
    assert_int_equal(fixture.flow.figures.lost[CAUSE_NETWORK], 1);
    assert_int_equal(fixture.gaps.gaps[0].expected_sequence, 2);
    assert_int_equal(fixture.gaps.gaps[0].received_sequence, 3);
    end_window();
}

static void without_room_for_a_run_loss_is_declared_at_once(void **state)
{
    (void)state;
    begin_window(32);
    fixture.sequencer.runs.limit = 1;
    receive(1);
    receive(3); /* 2 is pending and takes the only run */
    receive(7); /* 4 to 6 do not fit */
    assert_int_equal(fixture.flow.figures.lost[CAUSE_NETWORK], 3);
    receive(2); /* gives the run back */
    assert_int_equal(fixture.flow.figures.reordered, 1);
    receive(9);
    assert_int_equal(fixture.flow.figures.lost[CAUSE_NETWORK], 3);
    sequence_flush(&fixture.sequencer, &fixture.flow);
    assert_int_equal(fixture.flow.figures.lost[CAUSE_NETWORK], 4);
    end_window();
}

static void without_room_to_split_the_first_half_is_lost(void **state)
{
    (void)state;
    begin_window(32);
    fixture.sequencer.runs.limit = 1;
    receive(1);
    receive(10); /* 2 to 9 pending */
    receive(5);
    assert_int_equal(fixture.flow.figures.lost[CAUSE_NETWORK], 3);
    assert_int_equal(fixture.gaps.gaps[0].expected_sequence, 2);
    assert_int_equal(fixture.gaps.gaps[0].received_sequence, 5);
    sequence_flush(&fixture.sequencer, &fixture.flow);
    assert_int_equal(fixture.flow.figures.lost[CAUSE_NETWORK], 7);
    end_window();
}

static void without_memory_for_a_space_the_number_is_refused(void **state)
{
    (void)state;
    begin_window(32);
    fixture.sequencer.spaces.limit = 0;
    assert_int_equal(sequence_receive(&fixture.sequencer, &fixture.flow, 0, 1, 1), -1);
    assert_false(flow_has_sequence(&fixture.flow));
    end_window();
}

/* Every other number, backwards: as many pending runs as a window can hold, then none. */
static void the_largest_window_full_of_holes_can_be_filled(void **state)
{
    (void)state;
    begin_window(WINDOW_MAX);
    for (uint32_t i = 1; i < WINDOW_MAX; i += 2)
        receive(i);
    assert_int_equal(fixture.sequencer.runs.count, WINDOW_MAX / 2 - 1);
    for (uint32_t i = WINDOW_MAX - 2; i > 1; i -= 2)
        receive(i);
    assert_int_equal(fixture.sequencer.runs.count, 0);
    assert_int_equal(fixture.flow.figures.reordered, WINDOW_MAX / 2 - 1);
    sequence_flush(&fixture.sequencer, &fixture.flow);
    assert_int_equal(fixture.flow.figures.lost[CAUSE_NETWORK], 0);
    end_window();
}

/* A block held back for longer than the window is late. It must not look like a restart. */
static void a_block_that_comes_late_is_no_restart(void **state)
{
    (void)state;
    begin_window(32);
    for (uint32_t i = 1; i <= 100; i++)
        receive(i);
    for (uint32_t i = 201; i <= 300; i++)
        receive(i);
    for (uint32_t i = 101; i <= 200; i++)
        receive(i);
    for (uint32_t i = 301; i <= 400; i++)
        receive(i);
    assert_int_equal(fixture.flow.figures.lost[CAUSE_NETWORK], 100);
    assert_int_equal(fixture.flow.figures.late, 100);
    assert_int_equal(fixture.flow.restarts, 0);
    end_window();
}

/* The same while the run of lost numbers still reaches into the window. */
static void late_frames_of_a_pending_run_are_no_restart(void **state)
{
    (void)state;
    begin_window(32);
    receive(1000);
    receive(1100);
    receive(1101); /* 1001 to 1069 are behind the window, the rest of the run is pending */
    receive(1010);
    receive(1011);
    receive(1012);
    receive(1102);
    assert_int_equal(fixture.flow.figures.late, 3);
    assert_int_equal(fixture.flow.restarts, 0);
    sequence_flush(&fixture.sequencer, &fixture.flow);
    assert_int_equal(fixture.flow.figures.lost[CAUSE_NETWORK], 99);
    end_window();
}

/* One stray frame, however far it jumps, must not invent a loss. */
static void a_lone_jump_is_taken_back(void **state)
{
    (void)state;
    begin_window(32);
    for (uint32_t i = 1; i <= 100; i++)
        receive(i);
    receive(50100);
    for (uint32_t i = 101; i <= 200; i++)
        receive(i);
    assert_int_equal(fixture.flow.outliers, 1);
    sequence_flush(&fixture.sequencer, &fixture.flow);
    assert_int_equal(fixture.flow.figures.lost[CAUSE_NETWORK], 0);
    assert_int_equal(fixture.flow.restarts, 0);
    end_window();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flow_costs_at_most_352_bytes),
        cmocka_unit_test(a_number_is_lost_when_the_highest_is_a_window_ahead),
        cmocka_unit_test(without_room_for_a_run_loss_is_declared_at_once),
        cmocka_unit_test(without_room_to_split_the_first_half_is_lost),
        cmocka_unit_test(without_memory_for_a_space_the_number_is_refused),
        cmocka_unit_test(the_largest_window_full_of_holes_can_be_filled),
        cmocka_unit_test(a_block_that_comes_late_is_no_restart),
        cmocka_unit_test(late_frames_of_a_pending_run_are_no_restart),
        cmocka_unit_test(a_lone_jump_is_taken_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
