/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/service.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NS_PER_US 1000

int service_is_managed(void)
{
    const char *path = getenv("NOTIFY_SOCKET");

    return path && (*path == '/' || *path == '@');
}

/* Opens a socket that is connected to the one at PATH. Returns its descriptor, or -1. */
static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    int descriptor;

    if (length >= sizeof(address.sun_path))
        return -1;
    memcpy(address.sun_path, path, length);
    if (*path == '@')
        address.sun_path[0] = '\0'; /* an abstract name */
    descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return -1;
    if (connect(descriptor, (const struct sockaddr *)&address,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) == 0)
        return descriptor;
    close(descriptor);
    return -1;
}

void service_tell(const char *message)
{
    static int descriptor = -1;

    if (!service_is_managed())
        return;
    if (descriptor < 0)
        descriptor = connect_to(getenv("NOTIFY_SOCKET"));
    /* The service manager notices that a lost message is missing. */
    if (descriptor >= 0)
        (void)send(descriptor, message, strlen(message), MSG_DONTWAIT | MSG_NOSIGNAL);
}

uint64_t service_watchdog_ns(void)
{
    const char *limit = getenv("WATCHDOG_USEC");
    const char *process = getenv("WATCHDOG_PID");

    if (!limit || !service_is_managed())
        return 0;
    if (process && strtoull(process, NULL, 10) != (unsigned long long)getpid())
        return 0;
    return strtoull(limit, NULL, 10) * NS_PER_US / 2;
}
