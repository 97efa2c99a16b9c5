/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which SA took over from which. Times are in seconds. */
#include "lineage/names.h"

#include <stdlib.h>

#include "base/units.h"
#include "outcome.h"
#include "track/peers/exchanges.h"

#include "lineage/decide.h"
#include "unit.h"

enum { HERE = 1, THERE = 2, ELSEWHERE = 3 };

static struct lineage lineage;

static int begin(void **state)
{
    (void)state;
    lineage = (struct lineage){0};
    return 0;
}

static int end(void **state)
{
    (void)state;
    lineage_release(&lineage);
    return 0;
}

static struct flow_key key_of(uint32_t spi, uint8_t source)
{
    return (struct flow_key){.protocol = OUTCOME_ESP,
                             .family = 4,
                             .spi = spi,
                             .source = {10, 0, 0, source},
                             .destination = {10, 0, 0, THERE}};
}

static struct kin *add(uint32_t spi, double first, double last)
{
    const struct kin kin = {
        .key = key_of(spi, HERE),
        .first_ns = (uint64_t)((first + 10000) * (double)NS_PER_SECOND),
        .last_ns = (uint64_t)((last + 10000) * (double)NS_PER_SECOND),
        .received = 1000,
        .since_ns = (uint64_t)((first + 10000) * (double)NS_PER_SECOND),
        .first_sequence = 1,
    };

    assert_int_equal(lineage_add(&lineage, &kin), 0);
    return &lineage.kin[lineage.count - 1];
}

/* The SPI that SPI follows; 0: none, or it is not known. */
static uint32_t follows(uint32_t spi)
{
    struct flow_key key = key_of(spi, HERE);
    const struct bonds *bonds = lineage_find(&lineage, &key);

    assert_non_null(bonds);
    assert_int_equal(bonds->certainty == CERTAINTY_NONE, bonds->follows.spi == 0);
    return bonds->follows.spi;
}

static uint32_t root(uint32_t spi)
{
    struct flow_key key = key_of(spi, HERE);

    return lineage_find(&lineage, &key)->root.spi;
}

static void each_follows_the_one_before(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= 200; i++)
        add(1000 + i * 7919 % 1009, 3600 * i, 3600 * (i + 1) + 0.2);
    lineage_decide(&lineage);
    for (uint32_t i = 2; i <= 200; i++) {
        assert_int_equal(follows(1000 + i * 7919 % 1009), 1000 + (i - 1) * 7919 % 1009);
        assert_int_equal(root(1000 + i * 7919 % 1009), 1000 + 7919 % 1009);
    }
    assert_int_equal(follows(1000 + 7919 % 1009), 0);
}

static void rekeys_may_be_close_together(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= 20; i++)
        add(1000 + i, 3 * i, 3 * i + 3);
    lineage_decide(&lineage);
    for (uint32_t i = 2; i <= 20; i++)
        assert_int_equal(follows(1000 + i), 999 + i);
}

static void the_end_of_the_old_one_is_close(void **state)
{
    static const struct {
        double first;
        int is_known;
    } cases[] = {{99.5, 1}, {98, 0}, {100, 1}, {110, 1}, {110.1, 0}, {50, 0}, {5000, 0}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        end(state);
        begin(state);
        add(1000, 0, 100);
        add(1001, cases[i].first, cases[i].first + 100);
        lineage_decide(&lineage);
        assert_int_equal(follows(1001) == 1000, cases[i].is_known);
        assert_int_equal(root(1000) == 1000, cases[i].is_known);
        assert_int_equal(root(1001) == 1000, cases[i].is_known);
    }
}

static void it_begins_near_1(void **state)
{
    (void)state;
    add(1000, 0, 100);
    add(1001, 100, 200)->first_sequence = 64;
    add(1002, 200, 300)->first_sequence = 65;
    add(1003, 300, 400)->first_sequence = 0;
    lineage_decide(&lineage);
    assert_int_equal(follows(1001), 1000);
    assert_int_equal(follows(1002), 0);
    assert_int_equal(follows(1003), 0);
}

static void hosts_are_the_same(void **state)
{
    (void)state;
    add(1000, 0, 100)->key.source[3] = ELSEWHERE;
    add(1001, 100, 200);
    add(1002, 0, 100)->key.destination[3] = ELSEWHERE;
    lineage_decide(&lineage);
    assert_int_equal(follows(1001), 0);
}

/* Two hosts behind one NAT, both of which rekey each 100 s. */
static void ports_are_the_same(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 5; i++) {
        add(1000 + i, 100 * i, 100 * (i + 1))->ports = 10001;
        add(2000 + i, 100 * i + 3, 100 * (i + 1) + 3)->ports = 10002;
    }
    add(3000, 504, 600)->ports = 10003;
    lineage_decide(&lineage);
    for (uint32_t i = 1; i < 5; i++) {
        assert_int_equal(follows(1000 + i), 999 + i);
        assert_int_equal(follows(2000 + i), 1999 + i);
    }
    assert_int_equal(follows(3000), 0);
}

/* SAs for each processor (RFC 9611), all of which are replaced at about the same time. */
static void a_set_is_not_paired(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 3; round++)
        for (uint32_t cpu = 0; cpu < 4; cpu++)
            add(1000 + 10 * round + cpu, 600 * round + 0.01 * cpu, 600 * (round + 1) + 0.01 * cpu);
    lineage_decide(&lineage);
    for (uint32_t round = 0; round < 3; round++)
        for (uint32_t cpu = 0; cpu < 4; cpu++)
            assert_int_equal(follows(1000 + 10 * round + cpu), 0);
}

/* One processor has no work for a while, and another one gets its first SA. */
static void an_idle_sa_of_a_set_has_no_successor(void **state)
{
    (void)state;
    add(1000, 0, 500);
    add(1001, 1, 300);
    add(1002, 301, 400);
    add(1003, 501, 600);
    lineage_decide(&lineage);
    for (uint32_t spi = 1000; spi <= 1003; spi++)
        assert_int_equal(follows(spi), 0);
}

/* It is taken back when the old one goes on, also for what was decided an hour before or after. */
static void side_by_side_later_is_a_set(void **state)
{
    (void)state;
    add(1000, 0, 100);
    add(1001, 100, 200);
    lineage_decide(&lineage);
    assert_int_equal(follows(1001), 1000);
    add(1000, 0, 300);
    add(1001, 100, 400);
    lineage_decide(&lineage);
    assert_int_equal(follows(1001), 0);
    add(1002, 401, 500);
    add(1003, 4000, 4001);
    add(1004, 9000, 9100);
    add(1005, 9100, 9200);
    lineage_decide(&lineage);
    assert_int_equal(follows(1002), 0);
    assert_int_equal(follows(1005), 1004);
}

/* Two SAs ended at that time: it could follow either. */
static void two_that_could_be_the_old_one(void **state)
{
    (void)state;
    add(1000, 0, 95);
    add(1001, 96, 99)->first_sequence = 5000;
    add(1002, 100, 200);
    lineage_decide(&lineage);
    assert_int_equal(follows(1002), 0);
}

/* An IKE exchange between these hosts at that time allows a longer pause. */
static void an_exchange_allows_a_longer_pause(void **state)
{
    static const struct {
        double exchange;
        double pause;
        uint8_t host;
        int is_known;
    } cases[] = {{130, 30, HERE, 1}, {131, 30, HERE, 1},      {69, 30, HERE, 0}, {136, 30, HERE, 0},
                 {150, 61, HERE, 0}, {130, 30, ELSEWHERE, 0}, {150, 59, HERE, 1}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct flow_key hosts = key_of(0, cases[i].host);
        struct tie exchange = {.from = exchange_hosts(&hosts), .kind = TIE_IKE};

        end(state);
        begin(state);
        exchange.timestamp_ns = (uint64_t)((cases[i].exchange + 10000) * (double)NS_PER_SECOND);
        add(1000, 0, 100);
        add(1001, 100 + cases[i].pause, 1000);
        lineage_add_exchange(&lineage, &exchange);
        lineage_decide(&lineage);
        assert_int_equal(follows(1001) == 1000, cases[i].is_known);
    }
}

static void few_frames_are_no_sa(void **state)
{
    struct flow_key key = key_of(1001, HERE);

    (void)state;
    add(1000, 0, 100);
    add(1002, 100, 200);
    lineage.kin[0].received = 1000;
    lineage_decide(&lineage);
    assert_int_equal(lineage_add(&lineage, &(struct kin){.key = key, .last_ns = 1, .received = 2}),
                     0);
    lineage_decide(&lineage);
    assert_null(lineage_find(&lineage, &key));
    assert_int_equal(follows(1002), 1000);
}

static void ties_are_certain(void **state)
{
    struct tie tie = {.from = key_of(1000, HERE), .to = key_of(1001, HERE), .kind = TIE_REKEYED};
    const struct bonds *bonds;

    (void)state;
    add(1000, 0, 100);
    add(1001, 50, 500)->first_sequence = 700; /* nothing else says so */
    lineage_add_tie(&lineage, &tie);
    lineage_decide(&lineage);
    bonds = lineage_find(&lineage, &tie.to);
    assert_int_equal(bonds->certainty, CERTAINTY_CERTAIN);
    assert_int_equal(bonds->moved_to.protocol, 0);
    assert_int_equal(root(1001), 1000);
    assert_true(lineage_goes_on(lineage_find(&lineage, &tie.from), UINT64_MAX));
    tie.kind = TIE_UNDONE;
    lineage_add_tie(&lineage, &tie);
    lineage_decide(&lineage);
    assert_int_equal(follows(1001), 0);
    assert_false(lineage_goes_on(lineage_find(&lineage, &tie.from), UINT64_MAX));
}

/* A peer that comes back follows the flow that followed it. */
static void moves_in_a_circle(void **state)
{
    struct tie there = {
        .from = key_of(1000, HERE), .to = key_of(1000, ELSEWHERE), .kind = TIE_MOVED};
    struct tie back = {.from = there.to, .to = there.from, .kind = TIE_MOVED};

    (void)state;
    add(1000, 0, 100);
    add(1000, 100, 200)->key = there.to;
    lineage_add_tie(&lineage, &there);
    lineage_decide(&lineage);
    assert_memory_equal(&lineage_find(&lineage, &there.from)->moved_to, &there.to,
                        sizeof(there.to));
    lineage_add_tie(&lineage, &back);
    lineage_decide(&lineage);
    assert_int_equal(lineage_find(&lineage, &there.from)->moved_to.protocol, 0);
    assert_memory_equal(&lineage_find(&lineage, &there.to)->moved_to, &there.from,
                        sizeof(there.from));
    assert_memory_equal(&lineage_find(&lineage, &there.from)->root, &there.from,
                        sizeof(there.from));
    assert_memory_equal(&lineage_find(&lineage, &there.to)->root, &there.from, sizeof(there.from));
}

/* No SA of a set is silent while another one sends. */
static void a_set_is_not_silent(void **state)
{
    struct flow_key keys[] = {key_of(1000, HERE), key_of(1001, HERE), key_of(1002, HERE)};
    uint64_t now_ns;

    (void)state;
    add(1000, 0, 100);
    add(1001, 1, 90);
    add(1002, 2, 1000);
    lineage_decide(&lineage);
    now_ns = lineage.kin[0].first_ns + 1010 * NS_PER_SECOND;
    assert_true(lineage_goes_on(lineage_find(&lineage, &keys[0]), now_ns));
    assert_true(lineage_goes_on(lineage_find(&lineage, &keys[1]), now_ns));
    assert_false(lineage_goes_on(lineage_find(&lineage, &keys[2]), now_ns));
    now_ns += 60 * NS_PER_SECOND;
    assert_false(lineage_goes_on(lineage_find(&lineage, &keys[0]), now_ns));
}

/* Old flows are forgotten; the lineage keeps its name. With too many at once, nothing is known. */
static void memory_is_bounded(void **state)
{
    (void)state;
    lineage.forget_from = 100;
    for (uint32_t i = 1; i <= 2000; i++) {
        add(1000 + i, 3600 * i, 3600 * (i + 1));
        lineage_decide(&lineage);
        assert_in_range(lineage.count, 1, 200);
        assert_int_equal(root(1000 + i), i == 1 ? 0 : 1001);
    }
    for (uint32_t i = 0; i < LINEAGE_FLOWS_MAX + 1000; i++)
        add(100000 + i, 3600 * 2001 + 0.001 * i, 3600 * 2001 + 0.001 * i + 0.0005);
    lineage_decide(&lineage);
    assert_int_equal(lineage.count, LINEAGE_FLOWS_MAX);
    assert_true(lineage.crowded_ns > 0);
}

static void names_of_sas(void **state)
{
    struct flow_key macsec = {.protocol = OUTCOME_MACSEC, .sci = 1};
    struct bond_chars chars;
    struct bond_names names = bond_names_of(&lineage, &macsec, 1, &chars);

    (void)state;
    assert_string_equal(names.lineage, "MACsec { sci: 0x0000000000000001 }");
    assert_null(names.follows);
    assert_null(bond_names_of_sa(&names, "it", 0).follows);
    assert_string_equal(bond_names_of_sa(&names, "it", 3).follows, "it");
    assert_int_equal(bond_names_of_sa(&names, "it", 3).follows_generation, 2);
    assert_string_equal(bond_names_of_sa(&names, "it", 3).follows_known, "certain");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(each_follows_the_one_before),
        TEST(rekeys_may_be_close_together),
        TEST(the_end_of_the_old_one_is_close),
        TEST(it_begins_near_1),
        TEST(hosts_are_the_same),
        TEST(ports_are_the_same),
        TEST(a_set_is_not_paired),
        TEST(an_idle_sa_of_a_set_has_no_successor),
        TEST(side_by_side_later_is_a_set),
        TEST(two_that_could_be_the_old_one),
        TEST(an_exchange_allows_a_longer_pause),
        TEST(few_frames_are_no_sa),
        TEST(ties_are_certain),
        TEST(moves_in_a_circle),
        TEST(a_set_is_not_silent),
        TEST(memory_is_bounded),
        TEST(names_of_sas),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
