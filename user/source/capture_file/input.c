/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/capture_file/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/units.h"

/* Small enough to stay in the cache of one processor: larger reads are slower. */
#define BUFFER_OCTETS ((size_t)256 << 10)
#define PACKED_OCTETS ((size_t)64 << 10)

/* A larger pipe: with the default of 64 KB, writer and reader wait for each other. */
#define PIPE_OCTETS (1 << 20)

/* How often a wait for the first octet checks for an interrupt. */
#define LOOK_UP_MS 20

/* How often the end of a growing file is looked at. */
#define GROWTH_WAIT_NS 50000000

static int is_regular(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/* Whether there is something to read, or the end of the file. Waits TIMEOUT_MS at most. */
static int is_ready(const struct input *input, int timeout_ms)
{
    struct pollfd ready = {.fd = input->fd, .events = POLLIN};

    return poll(&ready, 1, timeout_ms) > 0;
}

/* Opens the file, without waiting for the writer of a named pipe, and waits for its first octet.
 * Returns as input_open() does. */
static enum open_status open_file(struct input *input, const char *path, struct error *error)
{
    int is_stdin = strcmp(path, "-") == 0;

    input->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (input->fd < 0) {
        error_set(error, "%s: %s", path, strerror(errno));
        return OPEN_FAILED;
    }
    input->may_wait = !is_regular(input->fd);
#if defined(F_SETPIPE_SZ)
    if (input->may_wait)
        fcntl(input->fd, F_SETPIPE_SZ, PIPE_OCTETS); /* it may fail */
#endif
    while (input->may_wait && !is_ready(input, LOOK_UP_MS))
        if (interrupted())
            return OPEN_INTERRUPTED;
    if (!is_stdin)
        fcntl(input->fd, F_SETFL, 0);
    return OPEN_DONE;
}

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

/* Reads up to COUNT octets of the file itself to TO. Returns their number, 0 at the end, or -1 with
 * errno set. */
static ssize_t read_raw(struct input *input, void *to, size_t count)
{
    ssize_t got = read(input->fd, to, count);

    if (got > 0)
        input->raw_octets += (uint64_t)got;
    return got;
}

/* Whether a growing file was written over since it was opened. If so, the octets read last may
 * belong to another capture. */
static int was_written_over(struct input *input)
{
    unsigned char beginning[INPUT_BEGINNING_OCTETS];
    ssize_t got = pread(input->fd, beginning, sizeof(beginning), 0);
    uint64_t size = input_size(input);

    if (got < (ssize_t)input->beginning_octets || size < input->raw_octets ||
        memcmp(beginning, input->beginning, input->beginning_octets) != 0)
        return 1;
    memcpy(input->beginning, beginning, (size_t)got);
    input->beginning_octets = (size_t)got;
    return 0;
}

/* Waits for a growing file to grow, unless the caller does not want to WAIT, or it is complete. */
static enum input_status wait_for_growth(const struct input *input, int wait)
{
    struct timespec pause = {.tv_nsec = GROWTH_WAIT_NS};

    if (input->is_complete)
        return INPUT_END;
    if (wait)
        nanosleep(&pause, NULL); /* a signal may end it early */
    return INPUT_WAITS;
}

/* Reads what comes next, up to COUNT octets, to TO. Sets *GOT to their number, with INPUT_DONE. */
static enum input_status read_some(struct input *input, void *to, size_t count, int wait,
                                   size_t *got)
{
    ssize_t taken;

    if (input->at_end)
        return INPUT_END;
    if (input->is_stale)
        return wait_for_growth(input, wait);
    if (input->may_wait && !wait && !is_ready(input, 0))
        return INPUT_WAITS;
    taken = read_raw(input, to, count);
    if (taken < 0 && errno == EINTR)
        return INPUT_INTERRUPTED;
    if (taken < 0) {
        input->failure = errno;
        return INPUT_FAILED;
    }
    if (input->follows && was_written_over(input)) {
        input->is_stale = 1;
        return wait_for_growth(input, wait);
    }
    *got = (size_t)taken;
    if (taken)
        return INPUT_DONE;
    if (input->follows)
        return wait_for_growth(input, wait);
    input->at_end = 1;
    return INPUT_END;
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
    status = read_some(input, input->packed + input->packed_end, PACKED_OCTETS - input->packed_end,
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
        read_some(input, input->buffer + input->end, input->capacity - input->end, wait, &got);

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

enum input_status input_fill(struct input *input, size_t count, int wait)
{
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
    status = open_file(input, path, error);
    if (status == OPEN_DONE)
        status = read_head(input, path, error);
    if (status != OPEN_DONE)
        input_close(input);
    return status;
}

void input_close(struct input *input)
{
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
