/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "session/interface_claim.h"

#if defined(__linux__)

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The process that listens at ADDRESS, or -1 if it is unknown. */
static pid_t owner_of(const struct sockaddr_un *address, socklen_t size)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct ucred owner = {.pid = -1};
    socklen_t length = sizeof(owner);

    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)address, size) < 0 ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &owner, &length) < 0)
        owner.pid = -1;
    close(fd);
    return owner.pid > 0 ? owner.pid : -1;
}

pid_t interface_claim(const char *interface)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX}; /* abstract: the first octet is 0 */
    socklen_t size = offsetof(struct sockaddr_un, sun_path) + 1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pid_t other = 0;

    if (fd < 0)
        return 0;
    size += (socklen_t)snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "gapwatch:%s",
                                interface);
    if (size > sizeof(address))
        size = sizeof(address);
    if (bind(fd, (const struct sockaddr *)&address, size) == 0 && listen(fd, 1) == 0)
        return 0; /* the socket stays open until the process ends */
    if (errno == EADDRINUSE)
        other = owner_of(&address, size);
    close(fd);
    return other;
}

#else

pid_t interface_claim(const char *interface)
{
    (void)interface;
    return 0;
}

#endif
