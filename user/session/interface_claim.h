/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Finds out whether another gapwatch watches the same interface. A name marks the interface, which
 * the kernel frees when the process ends in any way. On Linux it is an abstract socket address
 * (unix(7)), which belongs to the network namespace, as the interface does. On other systems, no
 * other process is ever found.
 */
#ifndef GAPWATCH_SESSION_INTERFACE_CLAIM_H
#define GAPWATCH_SESSION_INTERFACE_CLAIM_H

#include <sys/types.h>

/* Claims INTERFACE until this process ends. Returns 0 when it is claimed (or when this is unknown),
 * else the id of the process that watches it already; -1 when the kernel does not tell the id. */
pid_t interface_claim(const char *interface);

#endif
