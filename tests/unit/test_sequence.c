/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The rules of counting are compared with an independent model in tests/model. This file tests what
 * only shows from inside: memory use, and what happens without memory. */
#include "track/sequence/sequence.h"

#include <stdlib.h>
#include <string.h>

#include "outcome.h"
#include "track/flows/flow_table.h"
#include "unit.h"

struct fixture {
    struct gap_log gaps;
    struct gap_log new_gaps;
    struct event_log events;
    struct sequencer sequencer;
    struct flow flow;
};

static struct fixture fixture;

static void begin_window(uint32_t window)
{
    memset(&fixture, 0, sizeof(fixture));
    gap_log_init(&fixture.gaps, 1000);
    gap_log_init(&fixture.new_gaps, 1000);
    fixture.events.limit = 1000;
    assert_int_equal(sequencer_init(&fixture.sequencer, window, 4, &fixture.gaps), 0);
    fixture.sequencer.new_gaps = &fixture.new_gaps;
    fixture.sequencer.new_events = &fixture.events;
    fixture.flow.key.protocol = OUTCOME_MACSEC;
}

static void end_window(void)
{
    sequence_end(&fixture.sequencer, &fixture.flow);
    /* Whatever was counted, all memory is returned. */
    assert_int_equal(fixture.sequencer.positions.count, 0);
    assert_int_equal(fixture.sequencer.memories.count, 0);
    assert_int_equal(fixture.sequencer.stances.count, 0);
    assert_int_equal(fixture.sequencer.channels.count, 0);
    assert_int_equal(fixture.sequencer.runs.count, 0);
    assert_int_equal(fixture.sequencer.ended_sas.count, 0);
    assert_int_equal(fixture.sequencer.hypotheses, 0);
    sequencer_release(&fixture.sequencer);
    gap_log_release(&fixture.gaps);
    gap_log_release(&fixture.new_gaps);
    free(fixture.events.events);
}

static void receive_on(unsigned association, uint32_t number)
{
    fixture.flow.packets++;
    fixture.flow.timing.last_ns++;
    assert_int_equal(sequence_receive(&fixture.sequencer, &fixture.flow, association, number,
                                      fixture.flow.timing.last_ns),
                     0);
}

static void receive(uint32_t number)
{
    receive_on(0, number);
}

/* FIRST to LAST, in order. */
static void receive_all(unsigned association, uint32_t first, uint32_t last)
{
    for (uint32_t number = first; number <= last; number++)
        receive_on(association, number);
}

static struct sequence_figures figures(void)
{
    return flow_figures(&fixture.sequencer, &fixture.flow);
}

static uint64_t lost(void)
{
    return figures().lost[CAUSE_NETWORK];
}

/* Promise: a flow whose numbers come in order takes at most 424 bytes, whatever the window. */
static void a_flow_costs_at_most_424_bytes(void **state)
{
    (void)state;
    begin_window(WINDOW_MAX);
    receive_all(0, 1, 1000);
    assert_int_equal(fixture.sequencer.memories.count, 0);
    assert_int_equal(fixture.sequencer.channels.count, 0);
    /* The index is emptiest after it has doubled: three slots for each flow. */
    assert_true(sizeof(struct flow) + fixture.sequencer.positions.element_bytes +
                    sizeof(struct flow_link) + 3 * sizeof(struct flow_slot) <=
                424);
    end_window();
}

static void a_number_is_lost_when_the_highest_is_a_window_ahead(void **state)
{
    (void)state;
    begin_window(4);
    receive(1);
    receive_all(0, 3, 5);
    assert_int_equal(lost(), 0);
    receive(6);
    assert_int_equal(lost(), 1);
    assert_int_equal(fixture.gaps.gaps[0].expected_sequence, 2);
    assert_int_equal(fixture.gaps.gaps[0].received_sequence, 3);
    assert_int_equal(fixture.gaps.gaps[0].first_number, 2);
    end_window();
}

static void without_room_for_a_run_loss_is_declared_at_once(void **state)
{
    (void)state;
    begin_window(32);
    fixture.sequencer.runs.limit = 1;
    receive(1);
    receive(3); /* 2 is pending and takes the only entry */
    receive(7); /* 4 to 6 do not fit */
    assert_int_equal(lost(), 3);
    receive(2); /* the entry is free again */
    assert_int_equal(figures().reordered, 1);
    receive(9);
    assert_int_equal(lost(), 3);
    sequence_flush(&fixture.sequencer, &fixture.flow);
    assert_int_equal(lost(), 4);
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
    assert_int_equal(lost(), 3);
    sequence_flush(&fixture.sequencer, &fixture.flow);
    assert_int_equal(lost(), 7);
    end_window();
}

static void without_memory_the_number_is_refused(void **state)
{
    (void)state;
    begin_window(32);
    fixture.sequencer.positions.limit = 0;
    assert_int_equal(sequence_receive(&fixture.sequencer, &fixture.flow, 0, 1, 1), 0);
    assert_int_equal(sequence_receive(&fixture.sequencer, &fixture.flow, 0, 2, 2), -1);
    assert_int_equal(figures().received, 1);
    end_window();
}

/* Every other number, backwards: as many pending gaps as a window can have, then none. */
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
    assert_int_equal(figures().reordered, WINDOW_MAX / 2 - 1);
    sequence_flush(&fixture.sequencer, &fixture.flow);
    assert_int_equal(lost(), 0);
    end_window();
}

/* A block delayed by more than the window is late. It must not count as a restart. */
static void a_block_that_comes_late_is_no_restart(void **state)
{
    (void)state;
    begin_window(32);
    receive_all(0, 1, 100);
    receive_all(0, 201, 300);
    receive_all(0, 101, 200);
    receive_all(0, 301, 400);
    assert_int_equal(lost(), 100);
    assert_int_equal(figures().late, 100);
    assert_int_equal(fixture.flow.restarts, 0);
    end_window();
}

/* A change of position is not reported before it is settled. */
static void a_jump_is_told_when_it_is_settled(void **state)
{
    (void)state;
    begin_window(32);
    receive_all(0, 1, 100);
    receive_all(0, 1101, 1103); /* three numbers make the change, 64 more settle it */
    receive_all(0, 1104, 1166);
    assert_int_equal(lost(), 0);
    assert_int_equal(fixture.gaps.count, 0);
    assert_int_equal(sequence_last(&fixture.sequencer, &fixture.flow), 100);
    receive(1167);
    assert_int_equal(lost(), 1000);
    assert_int_equal(fixture.gaps.gaps[0].first_number, 101);
    assert_int_equal(fixture.gaps.gaps[0].last_number, 1100);
    assert_int_equal(sequence_last(&fixture.sequencer, &fixture.flow), 1167);
    end_window();
}

static void a_jump_that_was_settled_and_is_undone_is_withdrawn(void **state)
{
    (void)state;
    begin_window(32);
    receive_all(0, 1, 100);
    receive_all(0, 50001, 50100); /* forged frames */
    assert_int_equal(lost(), 49900);
    receive_all(0, 101, 300);
    assert_int_equal(lost(), 0);
    assert_int_equal(fixture.flow.outliers, 100);
    assert_true(fixture.gaps.gaps[0].is_withdrawn);
    assert_int_equal(fixture.new_gaps.count, 2);
    assert_true(fixture.new_gaps.gaps[1].is_withdrawn);
    assert_int_equal(fixture.events.events[0].kind, EVENT_UNDONE);
    end_window();
}

static void a_restart_that_was_settled_and_is_undone_does_not_count(void **state)
{
    (void)state;
    begin_window(32);
    receive_all(0, 100001, 100100);
    receive_all(0, 1, 100); /* a replay of old frames */
    assert_int_equal(fixture.flow.restarts, 1);
    receive_all(0, 100101, 100300);
    assert_int_equal(fixture.flow.restarts, 0);
    assert_int_equal(figures().late, 100);
    sequence_flush(&fixture.sequencer, &fixture.flow);
    assert_int_equal(lost(), 0);
    end_window();
}

/* The numbers of a sender that restarted are in the window of a position that was left by a jump,
 * and have come there. Later ones do not continue it. */
static void a_restart_in_the_window_of_an_earlier_position_does_not_undo_a_jump(void **state)
{
    (void)state;
    begin_window(2048);
    receive_all(0, 1, 1000);
    receive_all(0, 61001, 62000);
    receive_all(0, 50, 1500);
    assert_int_equal(fixture.flow.restarts, 1);
    sequence_flush(&fixture.sequencer, &fixture.flow);
    assert_int_equal(lost(), 60000);
    assert_int_equal(figures().duplicates, 0);
    assert_int_equal(fixture.flow.outliers, 0);
    end_window();
}

/* Copies in the window of an earlier position do not hide that it goes on. */
static void a_position_that_goes_on_behind_copies_undoes_a_jump(void **state)
{
    (void)state;
    begin_window(2048);
    receive_all(0, 1, 1000);
    receive_all(0, 61001, 61004); /* forged frames */
    receive_all(0, 991, 1500);
    assert_int_equal(fixture.flow.restarts, 0);
    sequence_flush(&fixture.sequencer, &fixture.flow);
    assert_int_equal(lost(), 0);
    assert_int_equal(figures().duplicates, 10);
    end_window();
}

/* A mirror delivers each frame again 1500 later, and goes on after the last frame. */
static void copies_after_the_last_frame_are_no_restart(void **state)
{
    (void)state;
    begin_window(32);
    for (uint32_t i = 1; i <= 2400; i++) {
        receive(i);
        if (i > 1500)
            receive(i - 1500);
    }
    receive_all(0, 901, 2400);
    sequence_flush(&fixture.sequencer, &fixture.flow);
    assert_int_equal(fixture.flow.restarts, 0);
    assert_int_equal(figures().duplicates, 2400);
    assert_int_equal(lost(), 0);
    end_window();
}

static int count_sas(void *context, const struct sa_change *sa)
{
    struct sa_change *last = context;

    last[sa->generation] = *sa;
    return 0;
}

static void every_sa_has_its_own_figures(void **state)
{
    struct sa_change sas[8];

    (void)state;
    memset(sas, 0, sizeof(sas));
    begin_window(32);
    for (unsigned i = 0; i < 8; i++) {
        receive_all(i % 4, 1, 100);
        receive_all(i % 4, 102 + i, 200);
    }
    sequence_flush(&fixture.sequencer, &fixture.flow);
    assert_int_equal(sequence_sas(&fixture.sequencer, &fixture.flow, count_sas, sas), 0);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(sas[i].association, i % 4);
        assert_int_equal(sas[i].first_sequence, 1);
        assert_int_equal(sas[i].last_sequence, 200);
        assert_int_equal(sas[i].figures.lost[CAUSE_NETWORK], 1 + i);
        assert_int_equal(sas[i].has_ended, i < 7);
    }
    assert_int_equal(fixture.flow.rekeys, 7);
    assert_int_equal(lost(), 36);
    end_window();
}

/* When two senders use one SA, the cause of missing numbers is unknown. */
static void what_two_senders_leave_out_is_undetermined(void **state)
{
    (void)state;
    begin_window(32);
    for (uint32_t i = 1; i <= 200; i++) {
        receive(i);
        receive(1000000 + i);
    }
    assert_true(fixture.flow.mixed_senders);
    receive_all(0, 203, 700); /* the other one stops, and its pending numbers are decided */
    assert_int_equal(lost(), 0);
    assert_int_equal(figures().lost[CAUSE_UNDETERMINED], 2);
    end_window();
}

/* Frames that fit no position make only a bounded number of hypotheses. */
static void a_flood_of_forged_frames_takes_no_more(void **state)
{
    (void)state;
    begin_window(32);
    receive_all(0, 1, 100);
    for (uint32_t i = 0; i < 100000; i++)
        receive_on(i % 4, i * 2654435761u);
    assert_true(fixture.sequencer.positions.used_end <= 16);
    assert_true(fixture.sequencer.memories.used_end <= 16);
    receive_all(0, 101, 200);
    sequence_flush(&fixture.sequencer, &fixture.flow);
    assert_int_equal(fixture.flow.restarts, 0);
    assert_int_equal(fixture.flow.rekeys, 0);
    end_window();
}

/* A stray that was forgotten leaves nothing behind: its flow is as small and fast as before. */
static void a_forgotten_stray_takes_no_memory(void **state)
{
    (void)state;
    begin_window(32);
    receive_all(0, 1000, 1100);
    receive(50000000);
    assert_int_equal(fixture.sequencer.channels.count, 1);
    receive_all(0, 1101, 1200);
    assert_int_equal(fixture.sequencer.channels.count, 0);
    assert_int_equal(fixture.sequencer.stances.count, 0);
    assert_int_equal(fixture.sequencer.positions.count, 1);
    assert_int_equal(fixture.sequencer.memories.count, 0);
    assert_int_equal(fixture.flow.outliers, 1);
    receive(50000000);
    receive_all(0, 1201, 1300);
    assert_int_equal(fixture.flow.outliers, 2);
    assert_int_equal(figures().received, 301);
    assert_int_equal(lost(), 0);
    end_window();
}

/* What a channel still needs does not go with a forgotten stray. */
static void a_channel_stays_while_it_tells_something(void **state)
{
    (void)state;
    begin_window(32);
    receive_all(0, 1000, 1100);
    receive_all(1, 1, 100);
    receive(50000000);
    receive_all(1, 101, 2000);
    assert_int_equal(fixture.sequencer.channels.count, 1);
    assert_int_equal(fixture.flow.rekeys, 1);
    assert_int_equal(figures().received, 2101);
    end_window();
}

/* A receiver that follows a stray ahead needs no memory of a stream in order. */
static void a_stray_ahead_gives_its_stream_no_memory(void **state)
{
    (void)state;
    begin_window(32);
    receive_all(0, 1000, 1100);
    receive(3000);
    receive_all(0, 1101, 1200);
    assert_int_equal(fixture.sequencer.receivers.count, 1);
    assert_int_equal(fixture.sequencer.memories.count, 0);
    end_window();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flow_costs_at_most_424_bytes),
        cmocka_unit_test(a_number_is_lost_when_the_highest_is_a_window_ahead),
        cmocka_unit_test(without_room_for_a_run_loss_is_declared_at_once),
        cmocka_unit_test(without_room_to_split_the_first_half_is_lost),
        cmocka_unit_test(without_memory_the_number_is_refused),
        cmocka_unit_test(the_largest_window_full_of_holes_can_be_filled),
        cmocka_unit_test(a_block_that_comes_late_is_no_restart),
        cmocka_unit_test(a_jump_is_told_when_it_is_settled),
        cmocka_unit_test(a_jump_that_was_settled_and_is_undone_is_withdrawn),
        cmocka_unit_test(a_restart_that_was_settled_and_is_undone_does_not_count),
        cmocka_unit_test(a_restart_in_the_window_of_an_earlier_position_does_not_undo_a_jump),
        cmocka_unit_test(a_position_that_goes_on_behind_copies_undoes_a_jump),
        cmocka_unit_test(copies_after_the_last_frame_are_no_restart),
        cmocka_unit_test(every_sa_has_its_own_figures),
        cmocka_unit_test(what_two_senders_leave_out_is_undetermined),
        cmocka_unit_test(a_flood_of_forged_frames_takes_no_more),
        cmocka_unit_test(a_forgotten_stray_takes_no_memory),
        cmocka_unit_test(a_channel_stays_while_it_tells_something),
        cmocka_unit_test(a_stray_ahead_gives_its_stream_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
