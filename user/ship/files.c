/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Rows as newline-delimited JSON, in files of a directory or on standard output. Files are only
 * ever appended to; a new one is begun with each run, and when one has FILE_BYTES_MAX or was
 * removed. Their reader has to remove them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ship/append.h"
#include "ship/cursor_name.h"
#include "ship/target.h"

#define FILE_BYTES_MAX (64 << 20)

struct files {
    char folder[PATH_MAX];
    int file; /* -1: none is open */
    size_t written;
    unsigned number; /* of the next file of this run */
};

static int open_files(void **state, const struct target_options *options, struct error *error)
{
    const char *folder = options->to + strlen(FILES_SCHEME);
    struct files *files = calloc(1, sizeof(*files));
    struct stat status;

    if (!files)
        return error_set(error, "out of memory");
    snprintf(files->folder, sizeof(files->folder), "%s", folder);
    files->file = -1;
    if ((mkdir(folder, 0750) < 0 && errno != EEXIST) || stat(folder, &status) < 0 ||
        !S_ISDIR(status.st_mode)) {
        free(files);
        return error_set(error, "%s: %s", folder,
                         errno == EEXIST ? "no directory" : strerror(errno));
    }
    *state = files;
    return 0;
}

/* Makes the name of a new file survive a loss of power. Its rows are kept on disk by fdatasync().
 */
static void keep_name(const char *folder)
{
    int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (directory < 0)
        return;
    fsync(directory);
    close(directory);
}

/* Opens the next file, whose name sorts behind the others. */
static int open_next(struct files *files, struct error *error)
{
    char path[PATH_MAX + 64], when[32];
    time_t now = time(NULL);
    struct tm utc;

    strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    do {
        snprintf(path, sizeof(path), "%s/gapwatch-%s-%04u.ndjson", files->folder, when,
                 files->number++);
        files->file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
    } while (files->file < 0 && errno == EEXIST);
    files->written = 0;
    if (files->file < 0)
        return error_set(error, "%s: %s", path, strerror(errno));
    keep_name(files->folder);
    return 0;
}

static void close_file(struct files *files)
{
    if (files->file >= 0)
        close(files->file);
    files->file = -1;
}

/* Whether the file was removed, so that no reader would find what is written to it. */
static int was_removed(int file)
{
    struct stat status;

    return fstat(file, &status) == 0 && status.st_nlink == 0;
}

/* After a failure, removes the part of LINES that was written, so that the file ends with a whole
 * line and the same lines can be written there again. Otherwise each attempt on a full disk would
 * leave a file. */
static enum delivery send_to_file(void *state, const char *table, const char *lines, size_t size,
                                  struct error *error)
{
    struct files *files = state;
    int status;

    (void)table;
    if (files->file >= 0 && was_removed(files->file))
        close_file(files);
    if (files->file < 0 && open_next(files, error) < 0)
        return UNKNOWN;
    status = append_lines(files->file, (off_t)files->written, lines, size);
    if (status) {
        error_set(error, "%s: %s", files->folder, strerror(errno));
        if (status < 0)
            close_file(files);
        return UNKNOWN;
    }
    files->written += size;
    if (files->written >= FILE_BYTES_MAX)
        close_file(files);
    return DELIVERED;
}

static void close_files(void *state)
{
    close_file(state);
    free(state);
}

const struct target_ops files_target = {
    .names_tables = 1,
    .open = open_files,
    .send = send_to_file,
    .close = close_files,
};

static int open_output(void **state, const struct target_options *options, struct error *error)
{
    (void)options;
    (void)error;
    *state = NULL;
    return 0;
}

/* When the reader of standard output is gone, no row can be delivered any more. */
static enum delivery send_to_output(void *state, const char *table, const char *lines, size_t size,
                                    struct error *error)
{
    (void)state;
    (void)table;
    if (fwrite(lines, 1, size, stdout) == size && fflush(stdout) == 0)
        return DELIVERED;
    error_set(error, "cannot write to standard output: %s", strerror(errno));
    return STOPPED;
}

static void close_output(void *state)
{
    (void)state;
}

const struct target_ops output_target = {
    .names_tables = 1,
    .open = open_output,
    .send = send_to_output,
    .close = close_output,
};
