/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/clsact.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* --- the child (guard), which never returns --- */

/* Attaches to each interface whose index arrives, and answers with the error; an empty text means
 * none. */
static _Noreturn void run_guard(int socket, int program, enum direction direction)
{
    struct tc_filters filters = {0};
    struct error error = {0};
    int status = guard_drop(&error);
    unsigned index;

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

/* --- the sensor --- */

int clsact_attach(struct clsact *clsact, unsigned index, int program, enum direction direction,
                  struct error *error)
{
    struct error ignored;
    int who = guard_fork(&clsact->guard, GUARD_NAME, program);

    if (who == 0)
        run_guard(clsact->guard.socket, program, direction);
    if (who < 0)
        return error_set(error, "cannot start the guard of TC filters: %s", strerror(errno));
    if (clsact_reattach(clsact, index, error) == 0)
        return 0;
    clsact_detach(clsact, &ignored);
    return -1;
}

int clsact_reattach(struct clsact *clsact, unsigned index, struct error *error)
{
    struct error answer;

    if (send(clsact->guard.socket, &index, sizeof(index), MSG_NOSIGNAL) < 0)
        return error_set(error, "the guard of TC filters is gone: %s", strerror(errno));
    if (receive(clsact->guard.socket, &answer, sizeof(answer)) != sizeof(answer))
        return error_set(error, "the guard of TC filters does not answer");
    if (!answer.text[0])
        return 0;
    *error = answer;
    return -1;
}

int clsact_detach(struct clsact *clsact, struct error *error)
{
    int status = guard_end(&clsact->guard);

    if (WIFEXITED(status))
        return 0;
    return error_set(error, "the guard of TC filters was killed: filters may be left, see "
                            "`tc filter show`");
}
