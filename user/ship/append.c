/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "ship/append.h"

#include <errno.h>
#include <unistd.h>

/* Writes all of LINES. Returns 0, or -1 with errno. */
static int write_all(int file, const char *lines, size_t size)
{
    while (size) {
        ssize_t count = write(file, lines, size);

        if (count < 0 && errno != EINTR)
            return -1;
        if (count > 0) {
            lines += count;
            size -= (size_t)count;
        }
    }
    return 0;
}

int append_lines(int file, off_t length, const char *lines, size_t size)
{
    int reason, status;

    if (write_all(file, lines, size) == 0 && fdatasync(file) == 0)
        return 0;
    reason = errno;
    status = ftruncate(file, length) == 0 ? 1 : -1;
    errno = reason;
    return status;
}
