/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What a worker may ask of the kernel beyond what Kore allows: the calls with which SQLite reads.
 * And what of Kore's list it may not: to open anything for writing, to remove or change a file.
 * SQLite then opens the log and its index read-only.
 */
#include <errno.h>
#include <fcntl.h>

#include "api/kore.h"

KORE_HOOK void kore_seccomp_hook(void);

KORE_SECCOMP_FILTER("gapwatch", KORE_SYSCALL_DENY_WITH_FLAG(openat, 2, O_WRONLY, EACCES),
                    KORE_SYSCALL_DENY_WITH_FLAG(openat, 2, O_RDWR, EACCES),
                    KORE_SYSCALL_DENY_WITH_FLAG(openat, 2, O_CREAT, EACCES),
                    KORE_SYSCALL_DENY_WITH_FLAG(openat, 2, O_TRUNC, EACCES),
#if defined(SYS_open)
                    KORE_SYSCALL_DENY(open, EACCES),
#endif
#if defined(SYS_unlink)
                    KORE_SYSCALL_DENY(unlink, EACCES),
#endif
                    KORE_SYSCALL_DENY(ftruncate, EACCES), KORE_SYSCALL_DENY(pwrite64, EACCES),
                    KORE_SYSCALL_DENY(fchown, EACCES), KORE_SYSCALL_DENY(fchmod, EACCES),
                    KORE_SYSCALL_ALLOW(pread64), KORE_SYSCALL_ALLOW(newfstatat),
                    KORE_SYSCALL_ALLOW(mremap), )
