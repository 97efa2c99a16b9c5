/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/capture_file/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/interrupt.h"

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

enum open_status raw_open(struct input *input, const char *path, struct error *error)
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

enum input_status raw_read(struct input *input, void *to, size_t count, int wait, size_t *got)
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
