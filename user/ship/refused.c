/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "ship/refused.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ship/append.h"

/* A server that refuses more than this of a table refuses all of it: then the rows wait. */
#define FILE_BYTES_MAX (64 << 20)

/* Appends BATCH to FILE, or fails with errno. */
static int append(int file, const struct spool_batch *batch)
{
    struct stat status;

    if (file < 0 || fstat(file, &status) < 0)
        return -1;
    if (status.st_size + (off_t)batch->size > FILE_BYTES_MAX) {
        errno = EFBIG;
        return -1;
    }
    return append_lines(file, status.st_size, batch->lines, batch->size) == 0 ? 0 : -1;
}

int refused_set_aside(const char *cursor_path, const char *table, const struct spool_batch *batch,
                      const struct error *reason, struct error *error)
{
    char path[PATH_MAX + 64];
    int file, status, number;

    snprintf(path, sizeof(path), "%s.%s.refused", cursor_path, table);
    file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    status = append(file, batch);
    number = errno;
    if (file >= 0)
        close(file);
    if (status < 0)
        return error_set(error, "%s; the rows cannot be set aside: %s: %s", reason->text, path,
                         strerror(number));
    fprintf(stderr, "gapwatch: %zu rows of %s were refused and are now in %s: %s\n", batch->rows,
            table, path, reason->text);
    return 0;
}
