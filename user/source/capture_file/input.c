/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/capture_file/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/units.h"
#include "source/capture_file/blocks.h"
#include "source/capture_file/raw.h"

/* Small enough to stay in the cache of one processor: larger reads are slower. */
#define BUFFER_OCTETS ((size_t)256 << 10)
#define PACKED_OCTETS ((size_t)64 << 10)

/* Starting a thread with memory of its own is only worth it for files that are longer than this.
 * The blocks are larger, as waking the thread takes as long as reading many octets. */
#define AHEAD_MIN    ((uint64_t)32 << 20)
#define AHEAD_OCTETS ((size_t)1 << 20)

/* Makes room for CAPACITY octets. Returns 0, or -1: no memory. */
static int reserve(struct input *input, size_t capacity)
{
    unsigned char *buffer = realloc(input->buffer, capacity);

    if (!buffer)
        return -1;
    input->buffer = buffer;
    input->capacity = capacity;
    return 0;
}

/* Reads more packed octets. */
static enum input_status read_packed(struct input *input, int wait)
{
    enum input_status status;
    size_t got = 0;

    memmove(input->packed, input->packed + input->packed_start,
            input->packed_end - input->packed_start);
    input->packed_end -= input->packed_start;
    input->packed_start = 0;
    status = raw_read(input, input->packed + input->packed_end, PACKED_OCTETS - input->packed_end,
                      wait, &got);
    input->packed_end += got;
    return status;
}

/* Unpacks the packed octets into the free part of the buffer. Returns the number of octets, or -1.
 * */
static ssize_t unpack_some(struct input *input)
{
    struct unpack_io io = {
        .in = input->packed + input->packed_start,
        .in_count = input->packed_end - input->packed_start,
        .out = input->buffer + input->end,
        .out_count = input->capacity - input->end,
    };
    unsigned char *begin = io.out;
    int status = unpack_run(&input->unpacker, &io);
    ssize_t made = io.out - begin;

    input->packed_start = input->packed_end - io.in_count;
    return status < 0 && !made ? -1 : made;
}

/* Fills the free part of the buffer with some unpacked octets. */
static enum input_status fill_unpacked(struct input *input, int wait)
{
    for (;;) {
        enum input_status status;
        ssize_t made = unpack_some(input);

        if (made < 0)
            return INPUT_DAMAGED;
        if (made > 0) {
            input->end += (size_t)made;
            return INPUT_DONE;
        }
        status = read_packed(input, wait);
        if (status == INPUT_END && input->unpacker.in_member)
            return INPUT_DAMAGED;
        if (status != INPUT_DONE)
            return status;
    }
}

static enum input_status fill_plain(struct input *input, int wait)
{
    size_t got = 0;
    enum input_status status =
        raw_read(input, input->buffer + input->end, input->capacity - input->end, wait, &got);

    input->end += got;
    return status;
}

/* Makes room for COUNT octets, the unread ones included. Returns 0, or -1: no memory. */
static int make_room(struct input *input, size_t count)
{
    size_t capacity = input->capacity;

    memmove(input->buffer, input_data(input), input->end - input->start);
    input->end -= input->start;
    input->start = 0;
    while (capacity < count)
        capacity *= 2;
    return capacity == input->capacity ? 0 : reserve(input, capacity);
}

/* Starts to read the file ahead, if that is wanted and possible. Returns whether it is. */
static int start_ahead(struct input *input)
{
    off_t offset;

    if (!input->may_read_ahead || input->may_wait || input->follows || input->unpacker.format)
        return 0;
    input->may_read_ahead = 0; /* this is decided once */
    if (input_size(input) < input->raw_octets + AHEAD_MIN)
        return 0;
    offset = lseek(input->fd, 0, SEEK_CUR);
    if (offset < 0 || !blocks_would_help())
        return 0;
    input->own = input->buffer;
    input->blocks = blocks_start(pread, input->fd, offset, AHEAD_OCTETS);
    return input->blocks != NULL;
}

/* Ends reading ahead; no octets are unread then. */
static void stop_ahead(struct input *input)
{
    if (!input->blocks)
        return;
    lseek(input->fd, blocks_stop(input->blocks), SEEK_SET);
    input->blocks = NULL;
    input->buffer = input->own;
    input->start = input->end = 0;
}

/* Goes on without reading ahead, as the unread octets are too many for it. Returns 0, or -1: no
 * memory. */
static int leave_ahead(struct input *input)
{
    size_t unread = input->end - input->start;
    unsigned char *copy = malloc(unread + 1);

    if (!copy)
        return -1;
    memcpy(copy, input_data(input), unread);
    stop_ahead(input);
    free(input->buffer);
    input->buffer = copy;
    input->capacity = unread + 1;
    input->end = unread;
    return 0;
}

/* Moves on to the next block that was read ahead. */
static enum input_status fill_ahead(struct input *input)
{
    size_t rest = input->end - input->start;
    unsigned char *data = input_data(input);
    ssize_t got = blocks_next(input->blocks, &data, rest);

    if (got < 0 && errno == EINTR)
        return INPUT_INTERRUPTED;
    if (got < 0) {
        input->failure = errno;
        return INPUT_FAILED;
    }
    if (!got)
        return INPUT_END;
    input->raw_octets += (uint64_t)got;
    input->buffer = data;
    input->start = 0;
    input->end = rest + (size_t)got;
    return INPUT_DONE;
}

/* As input_fill(), of an input that is read ahead. */
static enum input_status fill_from_blocks(struct input *input, size_t count)
{
    enum input_status status = INPUT_DONE;

    while (status == INPUT_DONE && input->end - input->start < count) {
        if (input->end - input->start > BLOCKS_REST_MAX) {
            if (leave_ahead(input) == 0)
                return input_fill(input, count, 1);
            input->failure = ENOMEM;
            return INPUT_FAILED;
        }
        status = fill_ahead(input);
    }
    return status;
}

enum input_status input_fill(struct input *input, size_t count, int wait)
{
    if (input->blocks || start_ahead(input))
        return fill_from_blocks(input, count);
    if (make_room(input, count) < 0) {
        input->failure = ENOMEM;
        return INPUT_FAILED;
    }
    while (input->end < count) {
        enum input_status status =
            input->unpacker.format ? fill_unpacked(input, wait) : fill_plain(input, wait);

        if (status != INPUT_DONE)
            return status;
    }
    return INPUT_DONE;
}

enum input_status input_skip(struct input *input, uint64_t count, int wait)
{
    while (count) {
        size_t there = input->end - input->start;
        size_t part = count < there ? (size_t)count : there;
        enum input_status status;

        input_take(input, part);
        count -= part;
        if (!count)
            break;
        status = input_need(input, 1, wait);
        if (status != INPUT_DONE)
            return status;
    }
    return INPUT_DONE;
}

/* If the file is compressed, moves what was read of it to the packed octets. Returns 0, or -1 with
 * ERROR set. */
static int begin_unpacking(struct input *input, const char *path, struct error *error)
{
    size_t count = input->end - input->start;
    const struct unpack_format *format = unpack_format_of(input_data(input), count);

    if (input->offset && (!format || !format->has_skippable))
        return error_set(error, "%s: not a capture file", path);
    if (!format)
        return 0;
    input->unpacker.format = format;
    if (!format->open)
        return error_set(error, "%s: compressed with %s, which this program was built without",
                         path, format->name);
    input->packed = malloc(PACKED_OCTETS);
    if (!input->packed || unpack_begin(&input->unpacker, format) < 0)
        return error_set(error, "%s: %s", path, strerror(ENOMEM));
    memcpy(input->packed, input_data(input), count);
    input->packed_end = count;
    input->start = input->end = 0;
    input->offset = 0;
    return 0;
}

/* Waits for the octets that tell whether the file is compressed, unless it is shorter, behind SKIP
 * others. Returns INPUT_DONE, or why it could not. */
static enum input_status wait_for_head(struct input *input, uint64_t skip)
{
    enum input_status status;

    do {
        uint64_t before = input->offset;

        status = input_skip(input, skip, 1);
        skip -= input->offset - before;
        if (status == INPUT_DONE)
            status = input_fill(input, UNPACK_HEAD_OCTETS, 1);
    } while (!interrupted() && (status == INPUT_INTERRUPTED || status == INPUT_WAITS));
    return status == INPUT_END ? INPUT_DONE : status;
}

/* Reads the first octets, which tell whether the file is compressed. */
static enum open_status read_head(struct input *input, const char *path, struct error *error)
{
    enum input_status status;
    uint64_t skip;

    /* The first read is small, so that it fits into the packed octets. */
    if (reserve(input, PACKED_OCTETS) < 0) {
        error_set(error, "%s: %s", path, strerror(ENOMEM));
        return OPEN_FAILED;
    }
    status = wait_for_head(input, 0);
    while (status == INPUT_DONE &&
           (skip = unpack_skippable(input_data(input), input->end - input->start)))
        status = wait_for_head(input, skip);
    if (status == INPUT_FAILED) {
        error_set(error, "%s: %s", path, strerror(input->failure));
        return OPEN_FAILED;
    }
    if (status != INPUT_DONE)
        return OPEN_INTERRUPTED;
    if (begin_unpacking(input, path, error) < 0)
        return OPEN_FAILED;
    if (reserve(input, BUFFER_OCTETS) == 0)
        return OPEN_DONE;
    error_set(error, "%s: %s", path, strerror(ENOMEM));
    return OPEN_FAILED;
}

enum open_status input_open(struct input *input, const char *path, int follows, struct error *error)
{
    enum open_status status;

    *input = (struct input){.fd = -1, .follows = follows};
    status = raw_open(input, path, error);
    if (status == OPEN_DONE)
        status = read_head(input, path, error);
    if (status != OPEN_DONE)
        input_close(input);
    return status;
}

void input_close(struct input *input)
{
    stop_ahead(input);
    if (input->fd > STDIN_FILENO)
        close(input->fd);
    input->fd = -1;
    unpack_end(&input->unpacker);
    free(input->packed);
    free(input->buffer);
    input->packed = NULL;
    input->buffer = NULL;
}

const char *input_problem(const struct input *input, enum input_status status)
{
    if (status == INPUT_FAILED)
        return strerror(input->failure);
    if (status == INPUT_DAMAGED)
        return input->unpacker.is_damaged ? "the compressed data are damaged"
                                          : "the compressed data end too early";
    return "the file ends in the middle of a packet";
}

uint64_t input_written_ns(const struct input *input)
{
    struct stat status;

    if (fstat(input->fd, &status) < 0 || status.st_mtime < 0)
        return 0;
    return (uint64_t)status.st_mtime * NS_PER_SECOND;
}

uint64_t input_size(const struct input *input)
{
    struct stat status;

    if (fstat(input->fd, &status) < 0 || !S_ISREG(status.st_mode))
        return 0;
    return (uint64_t)status.st_size;
}
