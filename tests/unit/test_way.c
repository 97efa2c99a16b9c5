/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The way of SAs between two points, by the times of their frames there. */
#include "compare/way.h"

#include "base/units.h"
#include "outcome.h"
#include "unit.h"

#define SAS       4
#define MILLI     (NS_PER_SECOND / 1000)
#define FEW       400
#define MANY      1000
#define LAST_BYTE 15

struct made {
    struct point_sa points[SAS];
    struct compared_sa sas[SAS];
    struct comparison comparison;
};

/* Adds an SA from host SOURCE to host DESTINATION with SAMPLES frames, which come at B at least
 * LEAST_MS after A. */
static void add(struct made *made, uint8_t source, uint8_t destination, int64_t least_ms,
                uint64_t samples)
{
    size_t i = made->comparison.count++;
    struct point_sa *point = &made->points[i];
    struct delay_figures *times = &made->sas[i].figures.times.whole;

    point->sa.key.protocol = OUTCOME_ESP;
    point->sa.key.family = 4;
    point->sa.key.identifier = (uint32_t)i;
    point->sa.key.source[LAST_BYTE] = source;
    point->sa.key.destination[LAST_BYTE] = destination;
    made->sas[i].passage.first = point;
    times->min = least_ms * (int64_t)MILLI;
    times->p99 = times->min + (int64_t)MILLI;
    times->samples = samples;
    made->comparison.sas = made->sas;
}

static void assert_ways(struct made *made, const enum way *ways)
{
    assert_int_equal(ways_find(&made->comparison), 0);
    for (size_t i = 0; i < made->comparison.count; i++)
        assert_int_equal(made->sas[i].way, ways[i]);
}

static void the_reverse_goes_back(void **state)
{
    struct made made = {0};

    (void)state;
    add(&made, 1, 2, 5003, MANY);
    add(&made, 2, 1, 4997, MANY);
    assert_ways(&made, (const enum way[]){WAY_A_TO_B, WAY_B_TO_A});
}

static void one_sa_turns_no_stream(void **state)
{
    struct made made = {0};

    (void)state;
    add(&made, 1, 2, 3, MANY);
    add(&made, 1, 2, -180, FEW);
    add(&made, 1, 2, 3, FEW);
    add(&made, 3, 2, 4, MANY);
    assert_ways(&made, (const enum way[]){WAY_A_TO_B, WAY_A_TO_B, WAY_A_TO_B, WAY_A_TO_B});
}

static void one_sa_turns_no_pair_of_streams(void **state)
{
    struct made made = {0};

    (void)state;
    add(&made, 1, 2, -180, FEW);
    add(&made, 1, 2, 3, MANY);
    add(&made, 2, 1, -3, MANY);
    assert_ways(&made, (const enum way[]){WAY_A_TO_B, WAY_A_TO_B, WAY_B_TO_A});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reverse_goes_back),
        cmocka_unit_test(one_sa_turns_no_stream),
        cmocka_unit_test(one_sa_turns_no_pair_of_streams),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
