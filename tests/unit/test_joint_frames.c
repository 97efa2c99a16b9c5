/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The frames of both points come in the order of time, whatever the order of SAs and strays. */
#include "compare/files/joint_frames.h"

#include <stdlib.h>

#include "outcome.h"
#include "unit.h"

#define ROUNDS     300
#define SAS        5
#define FRAMES_MAX 40
#define SECOND_NS  UINT64_C(1000000000)

/* The SAs of one point, and their frames. */
struct side {
    struct point_sa sas[SAS];
    struct sighting rising[SAS][FRAMES_MAX];
    struct stray strays[SAS][FRAMES_MAX];
};

static size_t below(size_t limit)
{
    return (size_t)rand() % limit;
}

/* Fills SIDE with SAs whose frames are apart by up to STEP_NS; the points' SAs overlap, and those
 * of one point do sometimes. Returns the number of frames. */
static size_t fill(struct side *side, uint64_t step_ns)
{
    size_t frames = 0;

    for (size_t i = 0; i < SAS; i++) {
        struct point_sa *sa = &side->sas[i];
        uint64_t start_ns = SECOND_NS * (1 + below(SAS)), time_ns = start_ns;

        *sa = (struct point_sa){.rising = side->rising[i], .strays = side->strays[i]};
        sa->sa.key.protocol = OUTCOME_ESP;
        sa->sa.association = (uint8_t)below(2);
        sa->sa.first_ns = start_ns;
        sa->rising_count = below(FRAMES_MAX);
        sa->stray_count = below(FRAMES_MAX);
        for (size_t k = 0; k < sa->rising_count; k++)
            side->rising[i][k] =
                (struct sighting){.number = k, .time_ns = time_ns += below(step_ns)};
        for (size_t k = 0; k < sa->stray_count; k++)
            side->strays[i][k] =
                (struct stray){.number = k, .time_ns = start_ns + below(FRAMES_MAX * step_ns)};
        frames += sa->rising_count + sa->stray_count;
    }
    return frames;
}

static uint64_t sum_of(const struct side *side)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < SAS; i++) {
        for (size_t k = 0; k < side->sas[i].rising_count; k++)
            sum += side->rising[i][k].time_ns;
        for (size_t k = 0; k < side->sas[i].stray_count; k++)
            sum += side->strays[i][k].time_ns;
    }
    return sum;
}

static void frames_of_both_points_come_in_the_order_of_time(void **state)
{
    static struct side a, b;

    (void)state;
    srand(1);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t step_ns = round % 2 ? 2 : SECOND_NS / 20, sum = 0;
        size_t count = fill(&a, step_ns) + fill(&b, step_ns);
        struct joint_frames frames = {0};

        assert_int_equal(joint_frames_add(&frames, a.sas, SAS, 0, 0), 0);
        assert_int_equal(joint_frames_add(&frames, b.sas, SAS, 1, 0), 0);
        assert_int_equal(frames.count, count);
        for (size_t i = 0; i < count; i++) {
            sum += frames.frames[i].time_ns;
            assert_true(i == 0 || frames.frames[i - 1].time_ns < frames.frames[i].time_ns ||
                        (frames.frames[i - 1].time_ns == frames.frames[i].time_ns &&
                         frames.frames[i - 1].side <= frames.frames[i].side));
        }
        assert_int_equal(sum, sum_of(&a) + sum_of(&b));
        joint_frames_release(&frames);
    }
}

static void frames_that_both_points_have_are_marked_once(void **state)
{
    static const struct sighting at_a[] = {{1, SECOND_NS}, {2, SECOND_NS + 10}},
                                 at_b[] = {{1, SECOND_NS + 20}, {3, SECOND_NS + 40}};
    struct stray copy = {.number = 1, .time_ns = SECOND_NS + 30};
    struct point_sa a = {.rising = at_a, .rising_count = 2};
    struct point_sa b = {.rising = at_b, .rising_count = 2, .strays = &copy, .stray_count = 1};
    struct joint_frames frames = {0};
    static const int expected[] = {0, 0, 1, 0, 0};

    (void)state;
    a.sa.key.protocol = b.sa.key.protocol = OUTCOME_ESP;
    assert_int_equal(joint_frames_add(&frames, &a, 1, 0, 0), 0);
    assert_int_equal(joint_frames_add(&frames, &b, 1, 1, 5), 0); /* B's clock is 5 ns ahead */
    assert_int_equal(joint_frames_match(&frames), 0);
    assert_int_equal(frames.count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(frames.frames[i].is_seen, expected[i]);
    assert_int_equal(frames.frames[2].time_ns, SECOND_NS + 15);
    joint_frames_release(&frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_both_points_come_in_the_order_of_time),
        cmocka_unit_test(frames_that_both_points_have_are_marked_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
