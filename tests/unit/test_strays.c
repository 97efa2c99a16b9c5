/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The hypotheses of all flows together: how many there are at most, and which go first. */
#include "track/sequence/strays.h"

#include <string.h>
#include <time.h>

#include "outcome.h"
#include "track/sequence/channel.h"
#include "unit.h"

#define FLOWS       4000
#define FORGED      UINT64_C(10000000)
#define MANY_STRAYS (FLOWS * HYPOTHESES_MAX)

static struct gap_log gaps;
static struct sequencer sequencer;
static struct flow flows[FLOWS];
static uint64_t now_ns;

static int begin(void **state)
{
    (void)state;
    now_ns = 0;
    memset(flows, 0, sizeof(flows));
    for (uint32_t i = 0; i < FLOWS; i++) {
        flows[i].key.protocol = OUTCOME_MACSEC;
        flows[i].key.identifier = i + 1;
    }
    gap_log_init(&gaps, 1000);
    return sequencer_init(&sequencer, WINDOW_DEFAULT, FLOWS, &gaps);
}

static int end(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < FLOWS; i++)
        sequence_end(&sequencer, &flows[i]);
    assert_int_equal(sequencer.strays.count, 0);
    assert_int_equal(sequencer.oldest_stray, POOL_NONE);
    assert_int_equal(sequencer.newest_stray, POOL_NONE);
    assert_int_equal(sequencer.hypotheses, 0);
    sequencer_release(&sequencer);
    gap_log_release(&gaps);
    return 0;
}

static void receive(uint32_t flow, uint64_t number)
{
    flows[flow].packets++;
    flows[flow].timing.last_ns = ++now_ns;
    assert_int_equal(sequence_receive(&sequencer, &flows[flow], 0, number, now_ns), 0);
}

static void receive_all(uint32_t flow, uint64_t first, uint64_t last)
{
    for (uint64_t number = first; number <= last; number++)
        receive(flow, number);
}

/* Gives the first COUNT flows an SA each, and EACH strays. */
static void found_strays(uint32_t count, uint32_t each)
{
    for (uint32_t i = 0; i < count; i++) {
        receive_all(i, 1000, 1002);
        for (uint32_t k = 1; k <= each; k++)
            receive(i, k * FORGED);
    }
}

static void forget_oldest(void)
{
    struct arrival arrival = {.sequencer = &sequencer, .now_ns = now_ns};

    strays_forget_oldest(&arrival);
}

/* A frame near the believed position makes eight strays positions at once. */
static void strays_that_become_positions_stay_in_the_limit(void **state)
{
    uint32_t most = 0;

    (void)state;
    found_strays(FLOWS, HYPOTHESES_MAX);
    assert_int_equal(sequencer.strays.count, MANY_STRAYS);
    for (uint32_t i = 0; i < FLOWS; i++) {
        receive(i, 1102);
        most = sequencer.hypotheses > most ? sequencer.hypotheses : most;
    }
    assert_true(most <= HYPOTHESES_BESIDES + FLOWS);
}

/* An element of the pool that is free again is used by the next stray, which is the newest. */
static void the_oldest_stray_goes_first(void **state)
{
    (void)state;
    found_strays(3, 1);
    receive_all(0, 1003, 1050); /* the first one is forgotten */
    assert_int_equal(flows[0].outliers, 1);
    receive(0, 2 * FORGED);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(flows[(i + 1) % 3].outliers, i == 2);
        forget_oldest();
        assert_int_equal(flows[(i + 1) % 3].outliers, i == 2 ? 2 : 1);
    }
}

/* The processor time to found and forget a stray a few thousand times. */
static clock_t time_to_forget(void)
{
    clock_t start = clock();

    for (uint32_t i = 0; i < 5000; i++) {
        receive(0, (i + 20) * FORGED % UINT32_MAX);
        forget_oldest();
    }
    return clock() - start;
}

/* Once there were many strays, and a look at each place where one was takes a thousand times as
 * long as to forget one. */
static void the_oldest_stray_is_found_at_once(void **state)
{
    clock_t before;

    (void)state;
    receive_all(0, 1000, 1002);
    before = time_to_forget();
    found_strays(FLOWS, HYPOTHESES_MAX);
    while (sequencer.strays.count)
        forget_oldest();
    assert_true(time_to_forget() < 40 * before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(strays_that_become_positions_stay_in_the_limit, begin, end),
        cmocka_unit_test_setup_teardown(the_oldest_stray_goes_first, begin, end),
        cmocka_unit_test_setup_teardown(the_oldest_stray_is_found_at_once, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
