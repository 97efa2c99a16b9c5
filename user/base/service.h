/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Messages to the service manager that started the program (sd_notify(3), "Notes": datagrams to the
 * socket that NOTIFY_SOCKET names). A few lines speak the protocol, so that libsystemd is not
 * needed. Without a service manager, nothing is sent.
 */
#ifndef GAPWATCH_BASE_SERVICE_H
#define GAPWATCH_BASE_SERVICE_H

#include <stdint.h>

/* Whether a service manager started the program and waits for its messages. */
int service_is_managed(void);

/* Sends MESSAGE, variables such as "READY=1" on lines of their own. The first call opens a socket;
 * processes that are forked later, and see no files, use it too. Only one thread may call this. */
void service_tell(const char *message);

/* How often, in nanoseconds, the service manager wants to hear that this process is alive; half of
 * its limit. 0: it does not. */
uint64_t service_watchdog_ns(void);

#endif
