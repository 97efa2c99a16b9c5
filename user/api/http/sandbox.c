/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What a worker may ask of the kernel beyond what Kore allows: the calls with which SQLite reads,
 * memory grows and a connection ends. And what of Kore's list it may not: to open anything for
 * writing, to remove or change a file. SQLite then opens the log and its index read-only.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "api/http/kore.h"
#include "api/http/privilege.h"
#include "api/http/settings.h"

KORE_HOOK void kore_seccomp_hook(void);

static struct sock_filter filter[] = {
    KORE_SYSCALL_DENY_WITH_FLAG(openat, 2, O_WRONLY, EACCES),
    KORE_SYSCALL_DENY_WITH_FLAG(openat, 2, O_RDWR, EACCES),
    KORE_SYSCALL_DENY_WITH_FLAG(openat, 2, O_CREAT, EACCES),
    KORE_SYSCALL_DENY_WITH_FLAG(openat, 2, O_TRUNC, EACCES),
#if defined(SYS_open)
    KORE_SYSCALL_DENY(open, EACCES),
#endif
#if defined(SYS_unlink)
    KORE_SYSCALL_DENY(unlink, EACCES),
#endif
    KORE_SYSCALL_DENY(ftruncate, EACCES),
    KORE_SYSCALL_DENY(pwrite64, EACCES),
    KORE_SYSCALL_DENY(fchown, EACCES),
    KORE_SYSCALL_DENY(fchmod, EACCES),
    KORE_SYSCALL_ALLOW(pread64),
    KORE_SYSCALL_ALLOW(newfstatat),
    KORE_SYSCALL_ALLOW(mremap),
    KORE_SYSCALL_ALLOW(shutdown),
};

/* Called when a worker is no longer root, and may still do anything else. */
void kore_seccomp_hook(void)
{
    privilege_die_with_parent();
    if (getenv(SETTING_KEEP_READING) && privilege_keep_reading() < 0)
        fatalx("cannot keep the right to read: %s", strerror(errno));
    if (!kore_seccomp_filter("gapwatch", filter, KORE_FILTER_LEN(filter)))
        fatalx("cannot make the sandbox");
}
