/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/capture_file/blocks.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "unit.h"

/* The file: octet N is of the value OCTET(N). The file descriptor that the reader gets names the
 * fault. */
enum { LENGTH = 5000 };
#define OCTET(offset) ((unsigned char)((offset)*31 + (offset) / 251))

enum fault {
    FAULT_NONE,
    FAULT_SHORT_READS,  /* a read yields less than was asked for */
    FAULT_CUT,          /* the file ends in the middle of a block */
    FAULT_BROKEN,       /* a read fails in the middle of the file */
    FAULT_INTERRUPTIONS /* every second read is interrupted by a signal */
};
enum { CUT_AT = 1234 };

static ssize_t read_made_up(int fault, void *to, size_t count, off_t offset)
{
    size_t length = fault == FAULT_CUT || fault == FAULT_BROKEN ? CUT_AT : LENGTH;
    size_t left = (size_t)offset < length ? length - (size_t)offset : 0;
    static __thread unsigned reads;

    if (fault == FAULT_INTERRUPTIONS && reads++ % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    if (fault == FAULT_BROKEN && !left) {
        errno = EIO;
        return -1;
    }
    if (fault == FAULT_SHORT_READS && count > 3)
        count -= (size_t)offset % 3;
    if (count > left)
        count = left;
    for (size_t i = 0; i < count; i++)
        ((unsigned char *)to)[i] = OCTET((size_t)offset + i);
    return (ssize_t)count;
}

/* Reads all in records of RECORD octets, from blocks of BLOCK octets, as a caller does. Returns how
 * many octets were right; *STATUS is how it ended, with errno. */
static size_t read_records(int fault, size_t block, size_t record, ssize_t *status)
{
    struct blocks *blocks = blocks_start(read_made_up, fault, 0, block);
    unsigned char nothing = 0, *data = &nothing;
    size_t unread = 0, right = 0;
    int reason;

    assert_non_null(blocks);
    while ((*status = blocks_next(blocks, &data, unread)) > 0) {
        unread += (size_t)*status;
        while (unread >= record) {
            for (size_t i = 0; i < record; i++)
                assert_int_equal(data[i], OCTET(right + i));
            data += record;
            unread -= record;
            right += record;
        }
    }
    reason = errno;
    for (size_t i = 0; i < unread; i++) /* they stay valid */
        assert_int_equal(data[i], OCTET(right + i));
    right += unread;
    assert_int_equal(blocks_next(blocks, &data, unread), *status); /* the end stays the end */
    assert_int_equal(blocks_stop(blocks), right);
    errno = reason;
    return right;
}

static void a_block_may_end_at_every_octet_of_a_record(void **state)
{
    ssize_t status;

    (void)state;
    for (size_t block = 50; block <= 120; block++) {
        assert_int_equal(read_records(FAULT_NONE, block, 61, &status), LENGTH);
        assert_int_equal(status, 0);
    }
}

static void a_record_may_be_longer_than_blocks(void **state)
{
    ssize_t status;

    (void)state;
    assert_int_equal(read_records(FAULT_NONE, 7, 100, &status), LENGTH);
    assert_int_equal(status, 0);
}

static void short_reads_lose_nothing(void **state)
{
    ssize_t status;

    (void)state;
    assert_int_equal(read_records(FAULT_SHORT_READS, 100, 61, &status), LENGTH);
    assert_int_equal(status, 0);
}

static void a_cut_file_yields_all_before_the_cut(void **state)
{
    ssize_t status;

    (void)state;
    assert_int_equal(read_records(FAULT_CUT, 100, 61, &status), CUT_AT);
    assert_int_equal(status, 0);
}

static void a_failed_read_yields_all_before_it(void **state)
{
    ssize_t status;

    (void)state;
    assert_int_equal(read_records(FAULT_BROKEN, 100, 61, &status), CUT_AT);
    assert_int_equal(status, -1);
    assert_int_equal(errno, EIO);
}

static void signals_do_not_end_it(void **state)
{
    ssize_t status;

    (void)state;
    assert_int_equal(read_records(FAULT_INTERRUPTIONS, 100, 61, &status), LENGTH);
    assert_int_equal(status, 0);
}

/* The thread has read more by then, which the caller reads again if it goes on by itself. */
static void tells_how_far_the_caller_has_come(void **state)
{
    struct blocks *blocks = blocks_start(read_made_up, FAULT_NONE, 1000, 100);
    unsigned char *data = (unsigned char[]){1, 2, 3};

    (void)state;
    assert_non_null(blocks);
    assert_int_equal(blocks_next(blocks, &data, 3), 100);
    assert_memory_equal(data, ((unsigned char[]){1, 2, 3, OCTET(1000)}), 4);
    assert_int_equal(blocks_stop(blocks), 1100);
}

static atomic_int is_reading;

/* Waits for ever, until a signal comes. */
static ssize_t read_never(int fd, void *to, size_t count, off_t offset)
{
    (void)fd, (void)to, (void)count, (void)offset;
    atomic_store(&is_reading, 1);
    pause();
    errno = EINTR;
    return -1;
}

static struct blocks *start_that_waits(void)
{
    struct blocks *blocks;

    atomic_store(&is_reading, 0);
    blocks = blocks_start(read_never, 0, 7, 100);
    assert_non_null(blocks);
    while (!atomic_load(&is_reading))
        sched_yield();
    return blocks;
}

static void can_be_stopped_while_a_read_waits(void **state)
{
    struct blocks *blocks = start_that_waits();

    (void)state;
    assert_int_equal(blocks_stop(blocks), 7);
}

/* The last test, as the program stays interrupted. */
static void an_interrupt_ends_waiting(void **state)
{
    struct blocks *blocks = start_that_waits();
    unsigned char nothing = 0, *data = &nothing;

    (void)state;
    interrupt_catch(INTERRUPT_ALL);
    raise(SIGINT);
    assert_int_equal(blocks_next(blocks, &data, 0), -1);
    assert_int_equal(errno, EINTR);
    assert_int_equal(blocks_stop(blocks), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_may_end_at_every_octet_of_a_record),
        cmocka_unit_test(a_record_may_be_longer_than_blocks),
        cmocka_unit_test(short_reads_lose_nothing),
        cmocka_unit_test(a_cut_file_yields_all_before_the_cut),
        cmocka_unit_test(a_failed_read_yields_all_before_it),
        cmocka_unit_test(signals_do_not_end_it),
        cmocka_unit_test(tells_how_far_the_caller_has_come),
        cmocka_unit_test(can_be_stopped_while_a_read_waits),
        cmocka_unit_test(an_interrupt_ends_waiting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
