/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Whether another gapwatch watches the same interface: a name that the kernel frees when its owner
 * ends, however that is. On Linux an abstract socket address (unix(7)), which belongs to the
 * network namespace, as the interface does; elsewhere nobody is ever found.
 */
#ifndef GAPWATCH_SESSION_PRESENCE_H
#define GAPWATCH_SESSION_PRESENCE_H

#include <sys/types.h>

/*
 * Claims INTERFACE for as long as the process lives. Returns 0 when it is ours (or when that cannot
 * be told), else the process id of who watches it already: -1 where the kernel does not say which.
 */
pid_t presence_claim(const char *interface);

#endif
