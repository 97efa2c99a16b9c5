/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report/order.h"

#include <stdlib.h>
#include <string.h>

#include "flow/id.h"
#include "outcome.h"
#include "unit.h"

enum { COUNT = 2000 };

static struct gap_log gaps;
static struct sequencer sequencer;
static struct flow flows[COUNT];
static struct listed_flow ordered[COUNT];

/* Makes FLOW lose COUNT_OF_LOST packets. */
static void lose(struct flow *flow, uint32_t count_of_lost)
{
    assert_int_equal(sequence_receive(&sequencer, flow, 0, 1, 1), 0);
    assert_int_equal(sequence_receive(&sequencer, flow, 0, 2 + count_of_lost, 2), 0);
    sequence_flush(&sequencer, flow);
}

static uint64_t lost_of(const struct flow *flow)
{
    return flow_figures(&sequencer, flow).lost[CAUSE_NETWORK];
}

/* A small range of values, so that there are ties of every length. No two keys are equal. */
static void make_flows(void)
{
    srand(1);
    sequencer_release(&sequencer);
    gap_log_release(&gaps);
    gap_log_init(&gaps, COUNT * 2);
    assert_int_equal(sequencer_init(&sequencer, 32, COUNT, &gaps), 0);
    memset(flows, 0, sizeof(flows));
    for (int i = 0; i < COUNT; i++) {
        struct flow *flow = &flows[i];

        lose(flow, (uint32_t)(rand() % 3));
        flow->bytes = (uint64_t)(rand() % 3);
        flow->key.protocol = rand() % 2 ? OUTCOME_TCP : OUTCOME_UDP;
        flow->key.family = rand() % 2 ? 4 : 6;
        flow->key.source_port = (uint16_t)i;
        flow->key.source[0] = (uint8_t)(rand() % 200);
        flow->key.destination[3] = (uint8_t)(rand() % 2);
        ordered[i] = (struct listed_flow){.flow = flow, .sequencer = &sequencer};
    }
}

/* The documented order, by direct comparison. */
static int compare(const struct flow *a, const struct flow *b, int by_loss)
{
    char a_id[FLOW_ID_CHARS], b_id[FLOW_ID_CHARS];

    if (by_loss && lost_of(a) != lost_of(b))
        return lost_of(a) > lost_of(b) ? -1 : 1;
    if (by_loss && a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    flow_id_format(&a->key, a_id);
    flow_id_format(&b->key, b_id);
    return strcmp(a_id, b_id);
}

static void by_loss_then_bytes_then_id(void **state)
{
    (void)state;
    make_flows();
    assert_int_equal(order_by_loss(ordered, COUNT, COUNT), 0);
    for (int i = 1; i < COUNT; i++)
        assert_true(compare(ordered[i - 1].flow, ordered[i].flow, 1) < 0);
}

static void only_the_wanted_are_in_order(void **state)
{
    static const int counts[] = {1, 2, 9, 100, 700, COUNT - 1};
    static struct listed_flow all[COUNT];

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        size_t wanted = (size_t)counts[i];

        make_flows();
        memcpy(all, ordered, sizeof(all));
        assert_int_equal(order_by_loss(all, COUNT, COUNT), 0);
        assert_int_equal(order_by_loss(ordered, COUNT, wanted), 0);
        assert_memory_equal(ordered, all, wanted * sizeof(all[0]));
        for (size_t j = wanted; j < COUNT; j++)
            assert_true(compare(ordered[wanted - 1].flow, ordered[j].flow, 1) < 0);
    }
}

static void by_id_alone(void **state)
{
    (void)state;
    make_flows();
    assert_int_equal(order_by_id(ordered, COUNT), 0);
    for (int i = 1; i < COUNT; i++)
        assert_true(compare(ordered[i - 1].flow, ordered[i].flow, 0) < 0);
}

static void none_and_one_are_in_order(void **state)
{
    (void)state;
    make_flows();
    assert_int_equal(order_by_loss(ordered, 0, 0), 0);
    assert_int_equal(order_by_loss(ordered, 1, 1), 0);
    assert_ptr_equal(ordered[0].flow, &flows[0]);
}

static void ids_may_be_the_same(void **state)
{
    (void)state;
    make_flows();
    for (int i = 1; i < COUNT; i += 2)
        flows[i].key = flows[i - 1].key;
    assert_int_equal(order_by_id(ordered, COUNT), 0);
    for (int i = 1; i < COUNT; i++)
        assert_true(compare(ordered[i - 1].flow, ordered[i].flow, 0) <= 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_loss_then_bytes_then_id),
        cmocka_unit_test(only_the_wanted_are_in_order),
        cmocka_unit_test(by_id_alone),
        cmocka_unit_test(none_and_one_are_in_order),
        cmocka_unit_test(ids_may_be_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
