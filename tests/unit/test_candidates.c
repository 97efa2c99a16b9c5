/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* UDP datagrams that may be ESP: when they count as ESP, and that each counts once. */
#include "track/tracker.h"

#include "unit.h"

#define PORTS 0x11941194

static struct tracker tracker;
static uint64_t now_ns;

static void begin(void)
{
    assert_int_equal(tracker_init(&tracker, 32, 100000), 0);
    now_ns = 1000;
}

static struct frame_record candidate(uint32_t spi, uint32_t number)
{
    return (struct frame_record){
        .timestamp_ns = ++now_ns,
        .key = {.protocol = OUTCOME_ESP, .family = 4, .spi = spi, .source = {10}},
        .wire_bytes = 100,
        .sequence = number,
        .flags = RECORD_CANDIDATE,
        .wire_packets = 1,
        .ports = PORTS,
    };
}

static void receive(uint32_t spi, uint32_t number)
{
    struct frame_record record = candidate(spi, number);

    tracker_receive(&tracker, &record, 1, NULL);
}

/* Packets of all flows of PROTOCOL, after checking that each of the frames SENT counts once. */
static uint64_t packets_of(enum outcome protocol, uint64_t sent)
{
    struct summary summary = tracker_summary(&tracker);

    assert_int_equal(summary.packets, sent);
    assert_int_equal(summary.bytes, 100 * sent);
    return summary.protocol_packets[protocol];
}

static void two_that_agree_are_udp(void **state)
{
    uint64_t outcomes[OUTCOME_COUNT] = {[OUTCOME_UDP] = 2};

    (void)state;
    begin();
    receive(1001, 1);
    receive(1001, 2);
    assert_int_equal(tracker_summary(&tracker).packets, 0); /* they are pending */
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_UDP, 2), 2);
    tracker_correct_outcomes(&tracker, outcomes);
    assert_int_equal(outcomes[OUTCOME_UDP], 2);
    tracker_release(&tracker);
}

static void three_that_agree_are_esp(void **state)
{
    uint64_t outcomes[OUTCOME_COUNT] = {[OUTCOME_UDP] = 4};

    (void)state;
    begin();
    receive(1001, 1);
    receive(1001, 2);
    receive(1001, 4);
    assert_int_equal(tracker_summary(&tracker).packets, 3);
    receive(1001, 5);
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_ESP, 4), 4);
    assert_int_equal(tracker_summary(&tracker).lost[CAUSE_NETWORK], 1);
    assert_int_equal(tracker_summary(&tracker).flows, 1);
    tracker_correct_outcomes(&tracker, outcomes);
    assert_int_equal(outcomes[OUTCOME_UDP], 0);
    assert_int_equal(outcomes[OUTCOME_ESP], 4);
    tracker_release(&tracker);
}

static void copies_and_far_numbers_do_not_agree(void **state)
{
    (void)state;
    begin();
    for (uint32_t i = 0; i < 50; i++)
        receive(1001, 7);
    for (uint32_t i = 0; i < 50; i++)
        receive(1002, i * (CANDIDATES_NEAR + 1));
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_UDP, 100), 100);
    tracker_release(&tracker);
}

static void the_distance_that_still_agrees(void **state)
{
    (void)state;
    begin();
    receive(1001, 0xFFFFFF00);
    receive(1001, 0xFFFFFF00 + CANDIDATES_NEAR); /* across 2^32 */
    receive(1001, 0xFFFFFF80);
    assert_int_equal(packets_of(OUTCOME_ESP, 3), 3);
    tracker_release(&tracker);
}

static void rtp_is_udp(void **state)
{
    (void)state;
    begin();
    for (uint32_t i = 0; i < 10000; i++)
        receive(0x80600000 + (i & 0xFFFF), 160 * i);
    assert_true(tracker_summary(&tracker).packets >= 10000 - CANDIDATES_HELD_MAX);
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_UDP, 10000), 10000);
    assert_int_equal(tracker_summary(&tracker).flows, 1);
    tracker_release(&tracker);
}

static void several_sas_may_take_turns(void **state)
{
    (void)state;
    begin();
    for (uint32_t i = 0; i < 20; i++)
        for (uint32_t spi = 1001; spi <= 1004; spi++)
            receive(spi, i);
    receive(0x80000001, 0); /* a confirmed pair needs no three frames */
    assert_int_equal(packets_of(OUTCOME_ESP, 81), 81);
    assert_int_equal(tracker_summary(&tracker).flows, 5);
    tracker_release(&tracker);
}

static void other_ports_agree_for_themselves(void **state)
{
    struct frame_record record;

    (void)state;
    begin();
    for (uint32_t i = 1; i <= 3; i++)
        receive(1001, i);
    record = candidate(2002, 1);
    record.ports = PORTS + 1;
    tracker_receive(&tracker, &record, 1, NULL);
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_ESP, 4), 3);
    tracker_release(&tracker);
}

static void those_that_wait_for_long_are_udp(void **state)
{
    (void)state;
    begin();
    receive(1001, 1);
    tracker_expire_idle(&tracker, now_ns);
    assert_int_equal(tracker_summary(&tracker).packets, 0);
    tracker_shift_time(&tracker, 100);
    tracker_expire_idle(&tracker, now_ns + 100);
    assert_int_equal(tracker_summary(&tracker).packets, 0);
    tracker_expire_idle(&tracker, now_ns + 101);
    assert_int_equal(packets_of(OUTCOME_UDP, 1), 1);
    tracker_release(&tracker);
}

/* With any number of addresses and ports, each frame counts and memory is bounded. */
static void many_flows_of_one_frame(void **state)
{
    enum { MANY = 80000 };

    (void)state;
    begin();
    for (uint32_t i = 0; i < MANY; i++) {
        struct frame_record record = candidate(1001, i);

        record.ports = i;
        tracker_receive(&tracker, &record, 1, NULL);
    }
    assert_true(tracker_summary(&tracker).packets > 0);
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_UDP, MANY), MANY);
    tracker_release(&tracker);
}

static void missed_frames_agree_too(void **state)
{
    struct frame_record stands = candidate(1001, 0);
    struct missed_frames missed;

    (void)state;
    begin();
    receive(1001, 1);
    missed_clear(&missed, &stands);
    for (uint32_t i = 2; i <= 5; i++) {
        struct frame_record record = candidate(1001, i);

        missed_add(&missed, &record);
    }
    stands.flags |= RECORD_MISSED;
    stands.missed = 0;
    tracker_receive(&tracker, &stands, 1, &missed);
    assert_int_equal(packets_of(OUTCOME_ESP, 5), 5);
    assert_int_equal(tracker_summary(&tracker).unobserved, 4);
    tracker_release(&tracker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_that_agree_are_udp),
        cmocka_unit_test(three_that_agree_are_esp),
        cmocka_unit_test(copies_and_far_numbers_do_not_agree),
        cmocka_unit_test(the_distance_that_still_agrees),
        cmocka_unit_test(rtp_is_udp),
        cmocka_unit_test(several_sas_may_take_turns),
        cmocka_unit_test(other_ports_agree_for_themselves),
        cmocka_unit_test(those_that_wait_for_long_are_udp),
        cmocka_unit_test(many_flows_of_one_frame),
        cmocka_unit_test(missed_frames_agree_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
