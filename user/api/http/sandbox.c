/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The system calls of a worker, beyond those that Kore allows: calls that SQLite, memory allocation
 * and closing connections need. Calls from Kore's list that could write, remove or change a file
 * are denied, so SQLite opens the log and its index read-only.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "api/http/kore.h"
#include "api/http/privilege.h"
#include "api/http/reload.h"
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

/* Called by Kore in a worker that is no longer root, before its filter is installed. */
void kore_seccomp_hook(void)
{
    privilege_die_with_parent();
    reload_ignore_signal();
    if (getenv(SETTING_KEEP_READING) && privilege_keep_reading() < 0)
        fatalx("cannot keep the right to read: %s", strerror(errno));
    if (!kore_seccomp_filter("gapwatch", filter, KORE_FILTER_LEN(filter)))
        fatalx("cannot make the sandbox");
}
