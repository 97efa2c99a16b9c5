/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/interleave.h"

#include <string.h>

#include "base/units.h"
#include "unit.h"

#define LEGS      2
#define TURNS_MAX 4
#define NS_IN_MS  (NS_PER_SECOND / 1000)
#define START_NS  (1000 * NS_PER_SECOND)
#define IDLE_MS   (INTERLEAVE_IDLE_NS / NS_IN_MS)

/* What a leg yields in one call; times are milliseconds after the start. */
struct turn {
    unsigned times[8]; /* of its records, up to the first 0 */
    unsigned now;
    int left_behind; /* it is not drained */
    int is_uncertain;
    int64_t step_ms; /* of the clock */
    enum interface_event event;
    enum source_status status;
};

/* After its turns a leg is idle: nothing comes, and time stands still. */
struct leg {
    const struct turn *turns;
    size_t count;
    size_t done;
    unsigned now;
};

static struct leg legs[LEGS];

static uint64_t at(unsigned ms)
{
    return START_NS + ms * NS_IN_MS;
}

static enum open_status leg_open(void **state, const struct source_options *options,
                                 struct error *error)
{
    (void)error;
    assert_int_equal(options->target_count, 1);
    assert_true(options->is_one_of_several);
    *state = &legs[strcmp(options->target, "b") == 0];
    return OPEN_DONE;
}

static enum source_status leg_next(void *state, unsigned worker, struct batch *batch,
                                   struct error *error)
{
    static const struct turn idle = {.times = {0}};
    struct leg *leg = state;
    const struct turn *turn = leg->done < leg->count ? &leg->turns[leg->done++] : &idle;

    assert_int_equal(worker, 0);
    if (turn->status == SOURCE_FAILED)
        error_set(error, "broken");
    if (turn->now)
        leg->now = turn->now;
    batch->now_ns = at(leg->now);
    batch->count = 0;
    for (; turn->times[batch->count]; batch->count++)
        batch->records[batch->count] =
            (struct frame_record){.timestamp_ns = at(turn->times[batch->count])};
    batch->is_drained = !turn->left_behind;
    batch->is_uncertain = turn->is_uncertain;
    batch->clock_step_ns = turn->step_ms * (int64_t)NS_IN_MS;
    batch->event = turn->event;
    return turn->status;
}

static void leg_stop(void *state)
{
    (void)state;
}

static void leg_statistics(const void *state, unsigned worker, struct source_statistics *statistics)
{
    const struct leg *leg = state;

    (void)worker;
    *statistics = (struct source_statistics){.frames = leg->done};
}

static const struct source_ops leg_source = {
    .name = "leg",
    .open = leg_open,
    .next = leg_next,
    .stop = leg_stop,
    .statistics = leg_statistics,
    .close = leg_stop,
};

static void *source;
static struct batch batch;

static void begin(const struct turn a[TURNS_MAX], const struct turn b[TURNS_MAX])
{
    static const char *const targets[LEGS] = {"a", "b"};
    const struct source_options options = {
        .target = targets[0],
        .targets = targets,
        .target_count = LEGS,
        .each = &leg_source,
        .workers = 1,
    };
    const struct turn *turns[LEGS] = {a, b};
    struct error error;

    for (int i = 0; i < LEGS; i++) {
        legs[i] = (struct leg){.turns = turns[i], .now = 1};
        while (legs[i].count < TURNS_MAX && turns[i][legs[i].count].now)
            legs[i].count++;
    }
    assert_int_equal(interleaved_source.open(&source, &options, &error), OPEN_DONE);
}

static enum source_status next(struct error *error)
{
    return interleaved_source.next(source, 0, &batch, error);
}

/* The next batch has records of exactly these times, up to the first 0. */
static void expect(const unsigned *times)
{
    struct error error;
    size_t count = 0;

    assert_int_equal(next(&error), SOURCE_MORE);
    while (times[count])
        count++;
    assert_int_equal(batch.count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(batch.records[i].timestamp_ns, at(times[i]));
}

#define EXPECT(...) expect((const unsigned[]){__VA_ARGS__, 0})

static void end(void)
{
    interleaved_source.close(source);
}

static void frames_come_in_the_order_of_their_times(void **state)
{
    const struct turn a[TURNS_MAX] = {{.times = {10, 30, 50}, .now = 60},
                                      {.times = {70}, .now = 80}};
    const struct turn b[TURNS_MAX] = {{.times = {20, 40}, .now = 60}, {.times = {75}, .now = 80}};

    (void)state;
    begin(a, b);
    EXPECT(10, 20, 30, 40); /* b may still have one of 45 */
    EXPECT(50, 70);
    end();
}

static void an_idle_leg_holds_up_the_others_for_a_while(void **state)
{
    const struct turn a[TURNS_MAX] = {
        {.times = {10, 30}, .now = 40}, {.now = 20 + IDLE_MS}, {.now = 40 + IDLE_MS}};
    const struct turn b[TURNS_MAX] = {{.now = 40}, {.now = 20 + IDLE_MS}, {.now = 40 + IDLE_MS}};

    (void)state;
    begin(a, b);
    EXPECT(0);
    EXPECT(10);
    EXPECT(30);
    end();
}

/* However late it is: what was left behind is older than what the other has. */
static void a_leg_with_a_backlog_holds_up_the_others(void **state)
{
    const struct turn a[TURNS_MAX] = {{.times = {500}, .now = 900}, {.times = {800}, .now = 900}};
    const struct turn b[TURNS_MAX] = {{.times = {10, 20}, .now = 900, .left_behind = 1},
                                      {.times = {30}, .now = 900, .left_behind = 1},
                                      {.times = {600}, .now = 900}};

    (void)state;
    begin(a, b);
    EXPECT(10, 20);
    EXPECT(30);
    EXPECT(500, 600);
    end();
}

static void everything_is_handed_over_at_the_end(void **state)
{
    const struct turn a[TURNS_MAX] = {{.times = {10, 50}, .now = 60},
                                      {.now = 60, .status = SOURCE_END}};
    const struct turn b[TURNS_MAX] = {{.times = {20}, .now = 60},
                                      {.now = 60, .status = SOURCE_END}};
    struct source_statistics statistics;
    struct error error;

    (void)state;
    begin(a, b);
    EXPECT(10, 20);
    EXPECT(50);
    assert_int_equal(next(&error), SOURCE_END);
    interleaved_source.statistics(source, 0, &statistics);
    assert_int_equal(statistics.frames, 4);
    end();
}

static void one_that_fails_leaves_the_others(void **state)
{
    const struct turn a[TURNS_MAX] = {{.times = {10}, .now = 60},
                                      {.now = 60, .status = SOURCE_FAILED}};
    const struct turn b[TURNS_MAX] = {
        {.times = {20}, .now = 60}, {.times = {30}, .now = 60}, {.now = 60, .status = SOURCE_END}};
    struct error error;

    (void)state;
    begin(a, b);
    EXPECT(10);
    EXPECT(20, 30);
    assert_int_equal(next(&error), SOURCE_FAILED);
    assert_string_equal(error.text, "broken");
    end();
}

static void events_name_their_leg(void **state)
{
    const struct turn a[TURNS_MAX] = {{.now = 60, .event = INTERFACE_WENT_DOWN}, {.now = 60}};
    const struct turn b[TURNS_MAX] = {{.now = 60, .event = INTERFACE_WENT_AWAY},
                                      {.now = 60, .event = INTERFACE_CAME_BACK}};

    (void)state;
    begin(a, b);
    EXPECT(0);
    assert_int_equal(batch.event, INTERFACE_WENT_DOWN);
    assert_int_equal(batch.event_target, 0);
    EXPECT(0);
    assert_int_equal(batch.event, INTERFACE_WENT_AWAY);
    assert_int_equal(batch.event_target, 1);
    EXPECT(0);
    assert_int_equal(batch.event, INTERFACE_CAME_BACK);
    EXPECT(0);
    assert_int_equal(batch.event, INTERFACE_SAME);
    end();
}

/* A leg with news to tell is not read: what it lost meanwhile was lost since it was last read. */
static void uncertain_since_the_leg_was_read(void **state)
{
    const struct turn a[TURNS_MAX] = {
        {.now = 60}, {.now = 70, .event = INTERFACE_WENT_DOWN}, {.now = 80}, {.now = 90}};
    const struct turn b[TURNS_MAX] = {
        {.now = 60}, {.now = 70, .event = INTERFACE_WENT_AWAY}, {.now = 95, .is_uncertain = 1}};

    (void)state;
    begin(a, b);
    EXPECT(0);
    EXPECT(0);
    EXPECT(0);
    assert_int_equal(batch.lost_until_ns, 0);
    EXPECT(0);
    assert_int_equal(batch.lost_from_ns, at(70));
    assert_int_equal(batch.lost_until_ns, at(95));
    end();
}

static void what_waits_is_dated_anew_when_the_clock_is_set(void **state)
{
    const struct turn a[TURNS_MAX] = {{.times = {10, 30}, .now = 60},
                                      {.times = {1040}, .now = 1060, .step_ms = 1000}};
    const struct turn b[TURNS_MAX] = {{.times = {20}, .now = 60},
                                      {.times = {1050}, .now = 1060, .step_ms = 1000}};

    (void)state;
    begin(a, b);
    EXPECT(10, 20);
    assert_int_equal(batch.clock_step_ns, 0);
    EXPECT(1030, 1040);
    assert_int_equal(batch.clock_step_ns, NS_PER_SECOND);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_in_the_order_of_their_times),
        cmocka_unit_test(an_idle_leg_holds_up_the_others_for_a_while),
        cmocka_unit_test(a_leg_with_a_backlog_holds_up_the_others),
        cmocka_unit_test(everything_is_handed_over_at_the_end),
        cmocka_unit_test(one_that_fails_leaves_the_others),
        cmocka_unit_test(events_name_their_leg),
        cmocka_unit_test(uncertain_since_the_leg_was_read),
        cmocka_unit_test(what_waits_is_dated_anew_when_the_clock_is_set),
    };

    return cmocka_run_group_tests_name("interleave", tests, NULL, NULL);
}
