/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* UDP datagrams that may be ESP: when they count as ESP, and that each counts once. */
#include "track/flows/rise.h"
#include "track/tracker.h"

#include "unit.h"

#define PORTS 0x11941194 /* 4500 */

static struct tracker tracker;
static uint64_t now_ns;

static void begin(void)
{
    assert_int_equal(tracker_init(&tracker, 32, 1000000), 0);
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

static void three_in_a_row_are_esp(void **state)
{
    uint64_t outcomes[OUTCOME_COUNT] = {[OUTCOME_UDP] = 4};

    (void)state;
    begin();
    receive(1001, 1);
    receive(1001, 2);
    receive(1001, 3);
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
        receive(1002, i * (RISE_NEAR + 1));
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_UDP, 100), 100);
    tracker_release(&tracker);
}

/* Checks whether candidates with COUNT NUMBERS are ESP at once when the last one came. */
static void assert_shown(const uint32_t *numbers, unsigned count, int is_esp)
{
    begin();
    for (unsigned i = 0; i < count; i++)
        receive(1001, numbers[i]);
    assert_int_equal(tracker_summary(&tracker).packets, is_esp ? count : 0);
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_ESP, count), is_esp ? count : 0);
    tracker_release(&tracker);
}

static void numbers_that_rise_with_loss(void **state)
{
    static const uint32_t first[] = {1, 2, 4}, later[] = {5001, 5002, 5003, 5004, 5005};
    static const uint32_t half[] = {5002, 5004, 5006, 5008, 5010, 5012};
    static const uint32_t wrap[] = {0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF, 0};
    static const uint32_t first_half[] = {2, 4, 6, 8};
    uint32_t clock[CANDIDATES_HELD_MAX];

    (void)state;
    assert_shown(first, 3, 1);
    assert_shown(first_half, 3, 0);
    assert_shown(first_half, 4, 1);
    assert_shown(later, 4, 0);
    assert_shown(later, 5, 1);
    assert_shown(half, 5, 0);
    assert_shown(half, 6, 1);
    assert_shown(wrap, 4, 1);
    for (uint32_t i = 0; i < CANDIDATES_HELD_MAX; i++)
        clock[i] = 5000 + i * 20;
    assert_shown(clock, CANDIDATES_HELD_MAX, 0);
}

static void numbers_that_are_reordered(void **state)
{
    uint32_t swapped[15], paths[12];

    (void)state;
    for (uint32_t i = 0; i < 15; i++)
        swapped[i] = 5000 + (i ^ 1);
    assert_shown(swapped, 14, 0);
    assert_shown(swapped, 15, 1);
    for (uint32_t i = 0; i < 12; i++)
        paths[i] = 5001 + i / 2 + (i % 2 ? 100 : 0); /* 5001, 5101, 5002, 5102 ... */
    assert_shown(paths, 11, 0);
    assert_shown(paths, 12, 1);
}

/* Values that are measured stay near each other, but do not rise like the numbers of a sender. */
static void measured_values_are_udp(void **state)
{
    uint32_t random = 1;

    (void)state;
    begin();
    for (uint32_t i = 0; i < 10000; i++) {
        random = random * 1664525u + 1013904223u;
        receive(1001, 50000 + (random >> 16) % 300);
    }
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_UDP, 10000), 10000);
    tracker_release(&tracker);
}

/* Lines of text that begin with a time. ESP whose SPI and numbers are printable is told when it
 * leaves them; with another SPI, or with other numbers, it is told at once. */
static void text_is_udp(void **state)
{
    const uint32_t text = 0x31323030; /* "1200" */
    const uint32_t text_spi = 0x31363A34;

    (void)state;
    begin();
    for (uint32_t i = 0; i < 100; i++)
        receive(text_spi, text + (i / 10 << 8) + i % 10);
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_UDP, 100), 100);
    tracker_release(&tracker);
    begin();
    for (uint32_t i = 0; i < 30; i++)
        receive(text_spi, text + i);
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_ESP, 30), 30);
    tracker_release(&tracker);
    begin();
    for (uint32_t i = 0; i < 5; i++)
        receive(1001, text + i);
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_ESP, 5), 5);
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
    receive(0x80000001, 0); /* the next SA, of which no other frame comes */
    tracker_finish(&tracker);
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

/* Two frames of the next SA are enough, even if they waited before the pair was confirmed. */
static void a_confirmed_pair_needs_two(void **state)
{
    (void)state;
    begin();
    receive(1002, 1);
    receive(1002, 2);
    receive(1003, 1);
    for (uint32_t i = 1; i <= 3; i++)
        receive(1001, i);
    assert_int_equal(packets_of(OUTCOME_ESP, 5), 5);
    receive(1004, 1);
    assert_int_equal(packets_of(OUTCOME_ESP, 5), 5);
    receive(1004, 2);
    assert_int_equal(packets_of(OUTCOME_ESP, 7), 7);
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_ESP, 8), 8);
    tracker_release(&tracker);
}

/* Other datagrams with the addresses and ports of ESP are UDP, and ESP is still recognised. */
static void rtp_between_esp_is_udp(void **state)
{
    static const uint32_t counts[] = {5, CANDIDATES_HELD_MAX, 400};

    (void)state;
    for (unsigned run = 0; run < 3; run++) {
        begin();
        for (uint32_t i = 1; i <= 10; i++)
            receive(1001, i);
        for (uint32_t i = 0; i < counts[run]; i++) {
            receive(0x80600000 + i, 160 * i);
            receive(1001, 11 + i);
        }
        tracker_finish(&tracker);
        assert_int_equal(packets_of(OUTCOME_UDP, 10 + 2 * counts[run]), counts[run]);
        assert_int_equal(tracker_summary(&tracker).flows, 2);
        assert_int_equal(tracker_summary(&tracker).lost[CAUSE_NETWORK], 0);
        tracker_release(&tracker);
    }
}

/* Where something else came on the same addresses and ports, the next SA needs three again. */
static void a_pair_that_carries_other_things_is_not_confirmed(void **state)
{
    (void)state;
    begin();
    for (uint32_t i = 1; i <= 3; i++)
        receive(1001, i);
    for (uint32_t i = 0; i <= CANDIDATES_HELD_MAX; i++)
        receive(0x80600000 + i, 160 * i);
    receive(2002, 1);
    receive(2002, 2);
    assert_int_equal(tracker_summary(&tracker).protocol_packets[OUTCOME_ESP], 3);
    receive(2002, 3);
    assert_int_equal(tracker_summary(&tracker).protocol_packets[OUTCOME_ESP], 6);
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_UDP, 7 + CANDIDATES_HELD_MAX), 1 + CANDIDATES_HELD_MAX);
    tracker_release(&tracker);
}

/* A mirror of both directions shows each frame twice: both count. */
static void copies_wait_with_the_others(void **state)
{
    (void)state;
    begin();
    receive(2002, 1);
    receive(2002, 1);
    receive(2002, 2); /* three frames, but two numbers */
    assert_int_equal(tracker_summary(&tracker).packets, 0);
    for (uint32_t i = 1; i <= 10; i++) {
        receive(1001, i);
        receive(1001, i);
    }
    for (uint32_t i = 0; i < 3; i++)
        receive(3003, 1); /* one frame of the next SA */
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_ESP, 26), 26);
    assert_int_equal(tracker_summary(&tracker).flows, 3);
    tracker_release(&tracker);
}

/* Receives FRAMES of each of PAIRS pairs, alternating. Returns how many counted as ESP. */
static uint64_t take_turns(uint32_t pairs, uint32_t frames)
{
    uint64_t confirmed;

    begin();
    for (uint32_t number = 1; number <= frames; number++) {
        for (uint32_t i = 0; i < pairs; i++) {
            struct frame_record record = candidate(1001 + i, number);

            record.ports = i;
            tracker_receive(&tracker, &record, 1, NULL);
        }
    }
    assert_true(tracker.candidates.pairs.count <= CANDIDATES_PAIRS_MAX);
    tracker_finish(&tracker);
    assert_int_equal(tracker.candidates.records.count, 0); /* nothing waits any more */
    confirmed = packets_of(OUTCOME_ESP, (uint64_t)pairs * frames);
    tracker_release(&tracker);
    return confirmed;
}

static void many_pairs_that_take_turns_are_all_esp(void **state)
{
    (void)state;
    assert_int_equal(take_turns(100000, 3), 3 * 100000);
}

/* With any number of pairs, each frame counts once, and memory is bounded. */
static void more_pairs_than_there_is_room_for(void **state)
{
    (void)state;
    assert_int_equal(take_turns(CANDIDATES_PAIRS_MAX + 50000, 1), 0);
    assert_true(take_turns(CANDIDATES_PAIRS_MAX + 50000, 3) > CANDIDATES_PAIRS_MAX);
}

/* When too many datagrams wait, those of some pairs are counted. */
static void more_datagrams_than_there_is_room_for(void **state)
{
    enum { PAIRS = CANDIDATES_RECORDS_MAX / CANDIDATES_HELD_MAX + 1000 };

    (void)state;
    begin();
    for (uint32_t i = 0; i < PAIRS * CANDIDATES_HELD_MAX; i++) {
        struct frame_record record = candidate(0x80600000 + i, 160 * i);

        record.ports = i / CANDIDATES_HELD_MAX;
        tracker_receive(&tracker, &record, 1, NULL);
    }
    tracker_finish(&tracker);
    assert_int_equal(packets_of(OUTCOME_UDP, PAIRS * CANDIDATES_HELD_MAX),
                     PAIRS * CANDIDATES_HELD_MAX);
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
        cmocka_unit_test(three_in_a_row_are_esp),
        cmocka_unit_test(copies_and_far_numbers_do_not_agree),
        cmocka_unit_test(numbers_that_rise_with_loss),
        cmocka_unit_test(numbers_that_are_reordered),
        cmocka_unit_test(measured_values_are_udp),
        cmocka_unit_test(text_is_udp),
        cmocka_unit_test(rtp_is_udp),
        cmocka_unit_test(several_sas_may_take_turns),
        cmocka_unit_test(other_ports_agree_for_themselves),
        cmocka_unit_test(those_that_wait_for_long_are_udp),
        cmocka_unit_test(a_confirmed_pair_needs_two),
        cmocka_unit_test(rtp_between_esp_is_udp),
        cmocka_unit_test(a_pair_that_carries_other_things_is_not_confirmed),
        cmocka_unit_test(copies_wait_with_the_others),
        cmocka_unit_test(many_pairs_that_take_turns_are_all_esp),
        cmocka_unit_test(more_pairs_than_there_is_room_for),
        cmocka_unit_test(more_datagrams_than_there_is_room_for),
        cmocka_unit_test(missed_frames_agree_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
