/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Several live interfaces read as one, each with a script: every record that an interface had comes
 * out once, and each batch is in order of time. Each four octets are what one call of an interface
 * yields.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "source/interleave.h"

#define LEGS      3
#define TURNS_MAX 16 /* of all interfaces: those without frames take milliseconds */
#define START_NS  (1000 * NS_PER_SECOND)
#define STEP_NS   (NS_PER_SECOND / 100)

enum {
    IS_DRAINED = 1,
    IS_UNCERTAIN = 2,
    HAS_LOST = 4,
    SETS_CLOCK = 8,
    FAILS = 16,
    IS_FULL = 32, /* the batch has as many records as there is room for */
};

struct turn {
    uint8_t choice; /* of the above */
    uint8_t event;
    uint8_t records;
    int8_t step; /* time between records, or how far the clock is set */
};

struct leg {
    const uint8_t *script;
    size_t turns; /* left in the script */
    uint64_t now_ns;
};

static struct leg legs[LEGS];
static size_t given; /* records */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int is_true)
{
    if (!is_true)
        abort();
}

static enum open_status leg_open(void **state, const struct source_options *options,
                                 struct error *error)
{
    (void)error;
    *state = &legs[*options->target - 'a'];
    return OPEN_DONE;
}

static void fill(struct leg *leg, const struct turn *turn, struct batch *batch)
{
    uint64_t between_ns = (uint8_t)turn->step * STEP_NS / 16;
    size_t count = turn->choice & IS_FULL ? BATCH_RECORDS : turn->records;

    if (turn->choice & SETS_CLOCK) {
        batch->clock_step_ns = turn->step * (int64_t)STEP_NS;
        leg->now_ns = shift_time(leg->now_ns, batch->clock_step_ns);
    }
    for (; batch->count < count; batch->count++) {
        leg->now_ns += between_ns;
        batch->records[batch->count] = (struct frame_record){.timestamp_ns = leg->now_ns};
    }
    leg->now_ns += between_ns;
    given += count;
}

static enum source_status leg_next(void *state, unsigned worker, struct batch *batch,
                                   struct error *error)
{
    struct leg *leg = state;
    struct turn turn;

    must(worker == 0);
    if (!leg->turns)
        return SOURCE_END;
    memcpy(&turn, leg->script, sizeof(turn));
    leg->script += LEGS * sizeof(turn);
    leg->turns--;
    if (turn.choice & FAILS) {
        leg->turns = 0;
        error_set(error, "broken");
        return SOURCE_FAILED;
    }
    batch->count = 0;
    batch->clock_step_ns = 0;
    fill(leg, &turn, batch);
    batch->now_ns = leg->now_ns;
    batch->is_drained = turn.choice & IS_DRAINED;
    batch->is_uncertain = turn.choice & IS_UNCERTAIN;
    batch->lost_until_ns = turn.choice & HAS_LOST ? leg->now_ns : 0;
    batch->lost_from_ns = turn.choice & HAS_LOST ? leg->now_ns - STEP_NS : 0;
    batch->event = turn.event % (INTERFACE_DETACHED + 1);
    return SOURCE_MORE;
}

static void leg_statistics(const void *state, unsigned worker, struct source_statistics *statistics)
{
    const struct leg *leg = state;

    (void)worker;
    *statistics = (struct source_statistics){.frames = leg->turns};
}

static void leg_describe(const void *state, struct text *text)
{
    (void)state;
    text_add(text, "script");
}

static void leg_close(void *state)
{
    (void)state;
}

static const struct source_ops leg_source = {
    .name = "leg",
    .open = leg_open,
    .next = leg_next,
    .stop = leg_close,
    .statistics = leg_statistics,
    .describe = leg_describe,
    .close = leg_close,
};

/* Reads SOURCE to its end. Returns the number of its records. */
static size_t read_all(void *source)
{
    static struct batch batch;
    struct error error;
    size_t got = 0;

    while (interleaved_source.next(source, 0, &batch, &error) == SOURCE_MORE) {
        for (size_t i = 1; i < batch.count; i++)
            must(batch.records[i - 1].timestamp_ns <= batch.records[i].timestamp_ns);
        must(batch.event_target < LEGS);
        must(!batch.lost_until_ns || batch.lost_from_ns <= batch.lost_until_ns);
        got += batch.count;
    }
    return got;
}

/* Asks SOURCE, which ended, for the rest. */
static void ask(const void *source)
{
    struct source_statistics statistics;
    struct text text;
    char chars[128];

    interleaved_source.statistics(source, 0, &statistics);
    must(!statistics.frames);
    text = text_over(chars, sizeof(chars));
    interleaved_source.describe(source, &text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const targets[LEGS] = {"a", "b", "c"};
    const struct source_options options = {
        .target = targets[0],
        .targets = targets,
        .target_count = LEGS,
        .each = &leg_source,
        .workers = 1,
    };
    size_t turns = size / sizeof(struct turn);
    struct error error;
    void *source;

    if (turns > TURNS_MAX)
        turns = TURNS_MAX;
    for (size_t i = 0; i < LEGS; i++)
        legs[i] = (struct leg){.script = data + i * sizeof(struct turn),
                               .turns = (turns + LEGS - 1 - i) / LEGS,
                               .now_ns = START_NS};
    given = 0;
    must(interleaved_source.open(&source, &options, &error) == OPEN_DONE);
    must(read_all(source) == given);
    ask(source);
    interleaved_source.close(source);
    return 0;
}
