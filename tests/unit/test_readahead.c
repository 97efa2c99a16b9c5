/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/readahead.h"

#include <string.h>

#include "unit.h"

/* A source that yields LIMIT batches, whose first records are numbered, then ends or fails. */
struct counting {
    uint32_t next;
    uint32_t limit;
    int fails;
};

static enum source_status counting_next(void *state, unsigned worker, struct batch *batch,
                                        struct error *error)
{
    struct counting *counting = state;

    (void)worker;

    if (counting->next == counting->limit) {
        if (!counting->fails)
            return SOURCE_END;
        error_set(error, "broken");
        return SOURCE_FAILED;
    }
    batch->records[0].sequence = counting->next++;
    batch->count = 1;
    return SOURCE_MORE;
}

/* One frame in each batch. */
static void counting_statistics(const void *state, unsigned worker,
                                struct source_statistics *statistics)
{
    const struct counting *counting = state;

    (void)worker;
    *statistics = (struct source_statistics){.frames = counting->next};
}

static const struct source_ops counting_source = {
    .name = "counting", .next = counting_next, .statistics = counting_statistics};

static void expect_batches(struct readahead *readahead, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct batch *batch = readahead_next(readahead);
        struct source_statistics statistics;

        assert_non_null(batch);
        assert_int_equal(batch->records[0].sequence, i);
        readahead_statistics(readahead, &statistics);
        assert_int_equal(statistics.frames, i + 1);
    }
}

static void yields_every_batch_in_order(void **state)
{
    struct counting counting = {.limit = 5000};
    struct error error;
    struct readahead *readahead = readahead_start(&counting_source, &counting, &error);

    (void)state;
    assert_non_null(readahead);
    expect_batches(readahead, 5000);
    assert_null(readahead_next(readahead));
    assert_null(readahead_next(readahead));
    assert_int_equal(readahead_stop(readahead, &error), SOURCE_END);
}

/* The reader thread has no batch for a while, or for ever. */
static void waiting_ends_when_there_is_something(void **state)
{
    struct counting counting = {.limit = 1};
    struct error error;
    struct readahead *readahead = readahead_start(&counting_source, &counting, &error);

    (void)state;
    assert_non_null(readahead);
    while (!readahead_wait(readahead, 1))
        ;
    expect_batches(readahead, 1);
    while (!readahead_wait(readahead, 1))
        ;
    assert_null(readahead_next(readahead));
    assert_int_equal(readahead_stop(readahead, &error), SOURCE_END);
}

static void yields_what_came_before_a_failure(void **state)
{
    struct counting counting = {.limit = 3, .fails = 1};
    struct error error;
    struct readahead *readahead = readahead_start(&counting_source, &counting, &error);

    (void)state;
    assert_non_null(readahead);
    expect_batches(readahead, 3);
    assert_null(readahead_next(readahead));
    assert_int_equal(readahead_stop(readahead, &error), SOURCE_FAILED);
    assert_string_equal(error.text, "broken");
}

static void can_be_stopped_before_the_end(void **state)
{
    struct counting counting = {.limit = UINT32_MAX};
    struct error error;
    struct readahead *readahead = readahead_start(&counting_source, &counting, &error);

    (void)state;
    assert_non_null(readahead);
    expect_batches(readahead, 2);
    assert_int_equal(readahead_stop(readahead, &error), SOURCE_MORE);
    assert_in_range(counting.next, 2, 100); /* it does not run ahead without limit */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yields_every_batch_in_order),
        cmocka_unit_test(waiting_ends_when_there_is_something),
        cmocka_unit_test(yields_what_came_before_a_failure),
        cmocka_unit_test(can_be_stopped_before_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
