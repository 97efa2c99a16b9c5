/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/database/version.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/units.h"

/* FNV-1a with 64 bits: a cryptographic hash is not needed, as clients choose none of the input. */
#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME  UINT64_C(0x100000001b3)

#define PATH_CHARS 4096

static int file_version_read(const char *path, struct file_version *version)
{
    struct stat status;

    if (stat(path, &status) < 0)
        return -1;
    if (!S_ISREG(status.st_mode)) {
        errno = EINVAL;
        return -1;
    }
    version->device = status.st_dev;
    version->inode = status.st_ino;
    version->octets = status.st_size;
    version->changed_ns = status.st_mtim.tv_sec * (int64_t)NS_PER_SECOND + status.st_mtim.tv_nsec;
    return 0;
}

/* Reads the version of a file of SQLite beside the database at PATH, which need not exist. Returns
 * 0, or -1 with errno set: it is no regular file. */
static int read_beside(const char *path, const char *suffix, struct file_version *version)
{
    char beside[PATH_CHARS];

    snprintf(beside, sizeof(beside), "%s%s", path, suffix);
    return file_version_read(beside, version) < 0 && errno == EINVAL ? -1 : 0;
}

int version_read(const char *path, struct version *version)
{
    struct file_version other;

    memset(version, 0, sizeof(*version));
    /* Without a log, everything is in the database. */
    if (read_beside(path, "-wal", &version->log) < 0 || read_beside(path, "-shm", &other) < 0 ||
        read_beside(path, "-journal", &other) < 0)
        return -1;
    return file_version_read(path, &version->database);
}

int version_is_same_file(const struct version *version, const struct version *other)
{
    return version->database.device == other->database.device &&
           version->database.inode == other->database.inode;
}

int version_is_equal(const struct version *version, const struct version *other)
{
    return memcmp(version, other, sizeof(*version)) == 0;
}

static uint64_t mix(uint64_t number, const void *data, size_t size)
{
    const unsigned char *octets = data;

    for (size_t i = 0; i < size; i++)
        number = (number ^ octets[i]) * FNV_PRIME;
    return number;
}

uint64_t content_number(const void *data, size_t size)
{
    uint64_t number = mix(FNV_OFFSET, GAPWATCH_VERSION, sizeof(GAPWATCH_VERSION));

    number = mix(number, data, size);
    return number ? number : 1;
}

uint64_t version_number(const struct version *version)
{
    return content_number(version, sizeof(*version));
}
