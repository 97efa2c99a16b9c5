/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/secrets/share.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file begins with a version. It is odd while the parent writes what follows. */
#define BODY_PLACE ((off_t)sizeof(uint64_t))

/* Opens the memory file DESCRIPTOR once more, with FLAGS of open(2). */
static int open_again(int descriptor, int flags)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    return open(path, flags | O_CLOEXEC);
}

int share_open(struct share *share)
{
    int made = memfd_create("gapwatch", MFD_CLOEXEC);

    *share = (struct share){.from = -1};
    if (made < 0)
        return -1;
    if (fchmod(made, S_IRUSR | S_IWUSR) == 0)
        share->from = open_again(made, O_RDONLY);
    close(made);
    return share->from < 0 ? -1 : 0;
}

/* The version in the file; 0 when it cannot be read. */
static uint64_t present_version(const struct share *share)
{
    uint64_t version = 0;

    return pread(share->from, &version, sizeof(version), 0) == sizeof(version) ? version : 0;
}

static int write_version(int to, uint64_t version)
{
    return pwrite(to, &version, sizeof(version), 0) == sizeof(version) ? 0 : -1;
}

int share_write(const struct share *share, const struct secrets *secrets)
{
    uint64_t version = present_version(share) | 1;
    int to = open_again(share->from, O_WRONLY);
    int status = -1;

    if (to < 0)
        return -1;
    if (write_version(to, version) == 0 &&
        pwrite(to, secrets, sizeof(*secrets), BODY_PLACE) == sizeof(*secrets))
        status = write_version(to, version + 1);
    close(to);
    return status;
}

int share_take(struct share *share, struct secrets *secrets)
{
    uint64_t version = present_version(share);

    if (version == share->version || version % 2)
        return 0;
    if (pread(share->from, secrets, sizeof(*secrets), BODY_PLACE) != sizeof(*secrets) ||
        present_version(share) != version)
        return 0; /* the parent is writing it; the next call finds it */
    share->version = version;
    return 1;
}
