/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/interleave.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/units.h"

/* The most waiting records of one worker, of all interfaces together. Each interface has room for
 * at least one batch. */
#define WAITING_MAX (1u << 19)
#define WAITING_MIN (4u * BATCH_RECORDS)

/* The pause when nothing is left to read. */
#define PAUSE_NS (LIVE_WAIT_NS * 2 / 5)

/* What one worker has read from one interface. */
struct input {
    struct frame_record *records; /* ring buffer of waiting records */
    size_t first;
    size_t count;
    uint64_t complete_ns; /* no older frame will come */
    uint64_t read_ns;     /* time of the last read */
    enum interface_event event;
    int has_ended;
};

struct part {
    struct input *inputs; /* one for each interface */
    struct batch *batch;  /* the buffer for reading */
    int is_idle;          /* the last call neither read nor passed on any record */
    int has_failed;       /* an input has failed; ERROR has the reason */
    struct error error;
};

struct interleave {
    const struct source_ops *each;
    size_t count;
    size_t capacity; /* of each input, in records */
    unsigned workers;
    void *states[TARGETS_MAX];
    struct part parts[WORKERS_MAX];
};

/* --- opening and closing --- */

static void interleave_close(void *state)
{
    struct interleave *all = state;

    if (!all)
        return;
    for (unsigned i = 0; i < all->workers; i++) {
        for (size_t j = 0; all->parts[i].inputs && j < all->count; j++)
            free(all->parts[i].inputs[j].records);
        free(all->parts[i].inputs);
        free(all->parts[i].batch);
    }
    for (size_t i = 0; i < all->count; i++)
        if (all->states[i])
            all->each->close(all->states[i]);
    free(all);
}

/* Allocates the buffers of one worker. Returns 0, or -1: no memory. */
static int make_part(const struct interleave *all, struct part *part)
{
    part->inputs = calloc(all->count, sizeof(*part->inputs));
    part->batch = calloc(1, sizeof(*part->batch));
    if (!part->inputs || !part->batch)
        return -1;
    for (size_t i = 0; i < all->count; i++) {
        part->inputs[i].records = malloc(all->capacity * sizeof(*part->inputs[i].records));
        if (!part->inputs[i].records)
            return -1;
    }
    return 0;
}

static enum open_status open_all(struct interleave *all, const struct source_options *options,
                                 struct error *error)
{
    struct source_options of_one = *options;
    enum open_status status = OPEN_DONE;

    of_one.target_count = 1;
    of_one.is_one_of_several = 1;
    for (size_t i = 0; i < all->count && status == OPEN_DONE; i++) {
        of_one.targets = &options->targets[i];
        of_one.target = options->targets[i];
        status = all->each->open(&all->states[i], &of_one, error);
    }
    return status;
}

static enum open_status interleave_open(void **state, const struct source_options *options,
                                        struct error *error)
{
    struct interleave *all = calloc(1, sizeof(*all));
    enum open_status status = OPEN_DONE;

    if (all) {
        all->each = options->each;
        all->count = options->target_count;
        all->workers = options->workers;
        all->capacity = WAITING_MAX / all->count;
        if (all->capacity < WAITING_MIN)
            all->capacity = WAITING_MIN;
    }
    for (unsigned i = 0; all && i < all->workers && status == OPEN_DONE; i++)
        if (make_part(all, &all->parts[i]) < 0)
            status = OPEN_FAILED;
    if (!all || status != OPEN_DONE) {
        error_set(error, "%s: %s", options->target, strerror(ENOMEM));
        status = OPEN_FAILED;
    } else {
        status = open_all(all, options, error);
    }
    if (status == OPEN_DONE)
        *state = all;
    else
        interleave_close(all);
    return status;
}

/* --- reading --- */

static struct frame_record *record_at(const struct interleave *all, const struct input *input,
                                      size_t number)
{
    return &input->records[(input->first + number) % all->capacity];
}

/* The clock was set: changes the times of the waiting records of INPUT. */
static void shift_waiting(const struct interleave *all, struct input *input, int64_t step_ns)
{
    for (size_t i = 0; i < input->count; i++) {
        struct frame_record *record = record_at(all, input, i);

        record->timestamp_ns = shift_time(record->timestamp_ns, step_ns);
    }
    input->complete_ns = shift_time(input->complete_ns, step_ns);
    input->read_ns = shift_time(input->read_ns, step_ns);
}

/* Moves the records that were read to INPUT. */
static void take(const struct interleave *all, struct input *input, const struct batch *read)
{
    uint64_t idle_ns = read->now_ns - INTERLEAVE_IDLE_NS;

    if (read->clock_step_ns)
        shift_waiting(all, input, read->clock_step_ns);
    for (size_t i = 0; i < read->count; i++)
        *record_at(all, input, input->count++) = read->records[i];
    if (read->count)
        input->complete_ns = read->records[read->count - 1].timestamp_ns;
    if (read->is_drained && idle_ns > input->complete_ns)
        input->complete_ns = idle_ns;
    if (read->event != INTERFACE_SAME)
        input->event = read->event;
}

/* Notes that frames were lost between FROM_NS and UNTIL_NS. */
static void note_lost(struct batch *batch, uint64_t from_ns, uint64_t until_ns)
{
    if (!batch->lost_until_ns || from_ns < batch->lost_from_ns)
        batch->lost_from_ns = from_ns;
    if (until_ns > batch->lost_until_ns)
        batch->lost_until_ns = until_ns;
}

/* Ends one input, perhaps because it failed. The others go on. */
static void end_input(struct part *part, struct input *input, int has_failed,
                      const struct error *error)
{
    input->has_ended = 1;
    if (!has_failed)
        return;
    part->has_failed = 1;
    part->error = *error;
}

/* Reads input NUMBER of WORKER, if it has room and no event that was not yet reported with
 * BATCH. */
static void read_input(struct interleave *all, unsigned worker, size_t number, struct batch *batch)
{
    struct part *part = &all->parts[worker];
    struct input *input = &part->inputs[number];
    const struct batch *read = part->batch;
    enum source_status status;
    struct error error;

    if (input->has_ended || input->event != INTERFACE_SAME ||
        all->capacity - input->count < BATCH_RECORDS)
        return;
    status = all->each->next(all->states[number], worker, part->batch, &error);
    if (status != SOURCE_MORE) {
        end_input(part, input, status == SOURCE_FAILED, &error);
        return;
    }
    take(all, input, read);
    if (read->lost_until_ns)
        note_lost(batch, read->lost_from_ns, read->lost_until_ns);
    if (read->is_uncertain) /* INPUT's last read may be earlier than that of the batch */
        note_lost(batch, input->read_ns, read->now_ns);
    input->read_ns = read->now_ns;
    batch->now_ns = read->now_ns;
    if (number == 0) /* all interfaces notice a step of the clock, but it is reported once */
        batch->clock_step_ns = read->clock_step_ns;
    if (!read->is_drained)
        part->is_idle = 0;
}

/* --- handing over --- */

/* The time up to which all inputs are complete. */
static uint64_t complete_until(const struct interleave *all, const struct part *part)
{
    uint64_t until_ns = UINT64_MAX;

    for (size_t i = 0; i < all->count; i++)
        if (!part->inputs[i].has_ended && part->inputs[i].complete_ns < until_ns)
            until_ns = part->inputs[i].complete_ns;
    return until_ns;
}

/* The input with the oldest waiting record, or NULL: no record waits. */
static struct input *oldest_input(const struct interleave *all, const struct part *part)
{
    struct input *oldest = NULL;
    uint64_t oldest_ns = UINT64_MAX;

    for (size_t i = 0; i < all->count; i++) {
        struct input *input = &part->inputs[i];

        if (input->count && input->records[input->first].timestamp_ns < oldest_ns) {
            oldest_ns = input->records[input->first].timestamp_ns;
            oldest = input;
        }
    }
    return oldest;
}

/* Moves records up to the complete time to BATCH, sorted by time. */
static void hand_over(const struct interleave *all, struct part *part, struct batch *batch)
{
    uint64_t until_ns = complete_until(all, part);
    struct input *input;

    while (batch->count < BATCH_RECORDS && (input = oldest_input(all, part))) {
        const struct frame_record *record = &input->records[input->first];

        if (record->timestamp_ns > until_ns)
            break;
        batch->records[batch->count++] = *record;
        input->first = (input->first + 1) % all->capacity;
        input->count--;
    }
    if (batch->count == BATCH_RECORDS)
        part->is_idle = 0;
}

/* Reports an event of one of the interfaces in BATCH. */
static void tell_event(const struct interleave *all, struct part *part, struct batch *batch)
{
    for (size_t i = 0; i < all->count; i++) {
        struct input *input = &part->inputs[i];

        if (input->event == INTERFACE_SAME)
            continue;
        batch->event = input->event;
        batch->event_target = (unsigned)i;
        input->event = INTERFACE_SAME;
        return;
    }
}

static int is_over(const struct interleave *all, const struct part *part)
{
    for (size_t i = 0; i < all->count; i++)
        if (!part->inputs[i].has_ended || part->inputs[i].count)
            return 0;
    return 1;
}

static void begin(struct batch *batch)
{
    batch->count = 0;
    batch->missed_count = 0;
    batch->clock_step_ns = 0;
    batch->is_uncertain = 0;
    batch->lost_until_ns = 0;
    batch->event = INTERFACE_SAME;
}

static enum source_status interleave_next(void *state, unsigned worker, struct batch *batch,
                                          struct error *error)
{
    struct interleave *all = state;
    struct part *part = &all->parts[worker];
    struct timespec pause = {.tv_nsec = PAUSE_NS};

    if (part->is_idle)
        nanosleep(&pause, NULL); /* a signal may end it early */
    part->is_idle = 1;
    begin(batch);
    for (size_t i = 0; i < all->count; i++)
        read_input(all, worker, i, batch);
    hand_over(all, part, batch);
    tell_event(all, part, batch);
    if (batch->count || !is_over(all, part))
        return SOURCE_MORE;
    if (!part->has_failed)
        return SOURCE_END;
    *error = part->error;
    return SOURCE_FAILED;
}

/* --- the rest --- */

static void interleave_stop(void *state)
{
    struct interleave *all = state;
    struct timespec settle = {.tv_nsec = SOURCE_STOP_NS};

    for (size_t i = 0; i < all->count; i++)
        all->each->stop(all->states[i]);
    nanosleep(&settle, NULL); /* the same for all inputs */
}

static void interleave_statistics(const void *state, unsigned worker,
                                  struct source_statistics *statistics)
{
    const struct interleave *all = state;

    *statistics = (struct source_statistics){0};
    for (size_t i = 0; i < all->count; i++) {
        struct source_statistics part;

        all->each->statistics(all->states[i], worker, &part);
        statistics_add(statistics, &part);
    }
}

static void interleave_describe(const void *state, struct text *text)
{
    const struct interleave *all = state;

    all->each->describe(all->states[0], text);
    text_add(text, " for each interface, in order of time");
}

const struct source_ops interleaved_source = {
    .name = "interleaved",
    .watches_several = 1,
    .open = interleave_open,
    .next = interleave_next,
    .stop = interleave_stop,
    .statistics = interleave_statistics,
    .describe = interleave_describe,
    .close = interleave_close,
};
