/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/clsact.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/privileges.h"
#include "source/bpf/tc_filter.h"

#define GUARD_NAME "gapwatch-guard"

static ssize_t receive(int socket, void *message, size_t size)
{
    ssize_t received;

    do
        received = recv(socket, message, size, 0);
    while (received < 0 && errno == EINTR);
    return received;
}

/* --- the guard, which never returns --- */

/* Nothing that ends or stops the sensor, at a terminal or by its service, reaches the guard. */
static void stand_apart(int socket, int program)
{
    unsigned low = (unsigned)(socket < program ? socket : program);
    unsigned high = (unsigned)(socket < program ? program : socket);

    prctl(PR_SET_NAME, GUARD_NAME, 0, 0, 0);
    setsid();
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    libbpf_set_print(NULL); /* it would print on a descriptor that we close */
    if (low > 0)
        close_range(0, low - 1, 0);
    if (high > low + 1)
        close_range(low + 1, high - 1, 0);
    close_range(high + 1, ~0u, 0);
}

/* Attaches to each interface that is asked for, and answers with the error, empty for none. */
static _Noreturn void run_guard(int socket, int program, enum direction direction)
{
    struct tc_filters filters = {0};
    struct error error = {0};
    unsigned index;
    int status;

    stand_apart(socket, program);
    status = privileges_drop(PRIVILEGE_NET_ADMIN, NULL, &error);
    while (receive(socket, &index, sizeof(index)) == sizeof(index)) {
        if (status == 0) {
            error.text[0] = '\0';
            tc_filters_detach(&filters);
            tc_filters_attach(&filters, index, program, direction, &error);
        }
        send(socket, &error, sizeof(error), MSG_NOSIGNAL);
    }
    tc_filters_detach(&filters);
    _exit(EXIT_SUCCESS);
}

/* --- the sensor's side --- */

static int start_guard(struct clsact *clsact, int program, enum direction direction)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -1;
    clsact->socket = ends[0];
    clsact->guard = fork();
    if (clsact->guard == 0)
        run_guard(ends[1], program, direction);
    close(ends[1]);
    if (clsact->guard > 0)
        return 0;
    close(ends[0]);
    return -1;
}

int clsact_attach(struct clsact *clsact, unsigned index, int program, enum direction direction,
                  struct error *error)
{
    struct error ignored;

    if (start_guard(clsact, program, direction) < 0)
        return error_set(error, "cannot start the guard of TC filters: %s", strerror(errno));
    if (clsact_reattach(clsact, index, error) == 0)
        return 0;
    clsact_detach(clsact, &ignored);
    return -1;
}

int clsact_reattach(struct clsact *clsact, unsigned index, struct error *error)
{
    struct error answer;

    if (send(clsact->socket, &index, sizeof(index), MSG_NOSIGNAL) < 0)
        return error_set(error, "the guard of TC filters is gone: %s", strerror(errno));
    if (receive(clsact->socket, &answer, sizeof(answer)) != sizeof(answer))
        return error_set(error, "the guard of TC filters does not answer");
    if (!answer.text[0])
        return 0;
    *error = answer;
    return -1;
}

int clsact_detach(struct clsact *clsact, struct error *error)
{
    int status = 0;

    close(clsact->socket);
    while (waitpid(clsact->guard, &status, 0) < 0)
        if (errno != EINTR)
            return 0; /* the parent of all our children is told: SIGCHLD is ignored */
    if (WIFEXITED(status))
        return 0;
    return error_set(error, "the guard of TC filters was killed: filters may be left, see "
                            "`tc filter show`");
}
