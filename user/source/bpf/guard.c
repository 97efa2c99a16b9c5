/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/guard.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/privileges.h"

static void close_all_but(int one, int other)
{
    unsigned low = (unsigned)(one < other ? one : other);
    unsigned high = (unsigned)(one < other ? other : one);

    if (low > 0)
        close_range(0, low - 1, 0);
    if (high > low + 1)
        close_range(low + 1, high - 1, 0);
    close_range(high + 1, ~0u, 0);
}

/* Shields the child from signals that end or stop the sensor, from a terminal or a service
 * manager. */
static void stand_apart(const char *name, int socket, int keep)
{
    prctl(PR_SET_NAME, name, 0, 0, 0);
    setsid();
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    libbpf_set_print(NULL); /* its descriptor is closed */
    close_all_but(socket, keep < 0 ? socket : keep);
}

int guard_fork(struct guard *guard, const char *name, int keep)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -1;
    *guard = (struct guard){.process = fork(), .socket = ends[0]};
    if (guard->process == 0) {
        guard->socket = ends[1];
        stand_apart(name, ends[1], keep);
        return 0;
    }
    close(ends[1]);
    if (guard->process > 0)
        return 1;
    close(ends[0]);
    guard->process = 0;
    return -1;
}

int guard_drop(struct error *error)
{
    return privileges_drop(PRIVILEGE_NET_ADMIN, NULL, error);
}

int guard_end(struct guard *guard)
{
    int status = 0;

    if (!guard->process)
        return 0;
    close(guard->socket);
    while (waitpid(guard->process, &status, 0) < 0)
        if (errno != EINTR) {
            status = 0; /* SIGCHLD is ignored, so the kernel keeps no status */
            break;
        }
    guard->process = 0;
    return status;
}
