/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "hook/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/monotonic.h"

#define START_EVERY_NS NS_PER_SECOND
#define END_LOOKS      50
#define END_LOOK_NS    100000000

extern char **environ;

void listener_init(struct listener *listener, const char *command)
{
    *listener = (struct listener){.command = command};
}

/* Prepares a process with standard input INPUT; what it prints goes to our standard error, because
 * standard output is for the report. It gets a process group of its own, so that Ctrl-C on the
 * terminal ends only us and it still gets the last lines. Returns 0, or an errno. */
static int prepare(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, int input)
{
    int reason = posix_spawn_file_actions_adddup2(actions, input, STDIN_FILENO);

    if (!reason)
        reason = posix_spawn_file_actions_adddup2(actions, STDERR_FILENO, STDOUT_FILENO);
    if (!reason)
        reason = posix_spawnattr_setpgroup(attributes, 0);
    return reason ? reason : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP);
}

/* Starts sh with standard input INPUT. Returns 0, or an errno. */
static int start_shell(struct listener *listener, int input)
{
    char shell[] = "sh", option[] = "-c";
    char *arguments[] = {shell, option, (char *)(uintptr_t)listener->command, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int reason = posix_spawn_file_actions_init(&actions);

    if (reason)
        return reason;
    reason = posix_spawnattr_init(&attributes);
    if (!reason) {
        reason = prepare(&actions, &attributes, input);
        if (!reason)
            reason = posix_spawn(&listener->process, "/bin/sh", &actions, &attributes, arguments,
                                 environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return reason;
}

/* Starts the command. Returns 0, or -1 when it cannot be started; that is printed. */
static int start(struct listener *listener)
{
    int pipe_ends[2];
    int reason;

    listener->started_ns = monotonic_ns();
    if (pipe2(pipe_ends, O_CLOEXEC) < 0) {
        fprintf(stderr, "gapwatch: cannot start '%s': %s\n", listener->command, strerror(errno));
        return -1;
    }
    reason = start_shell(listener, pipe_ends[0]);
    close(pipe_ends[0]);
    if (reason) {
        fprintf(stderr, "gapwatch: cannot start '%s': %s\n", listener->command, strerror(reason));
        listener->process = 0;
        close(pipe_ends[1]);
        return -1;
    }
    listener->input = pipe_ends[1];
    fcntl(listener->input, F_SETFL, O_NONBLOCK);
    return 0;
}

/* Notices that the command has ended. */
static void look(struct listener *listener)
{
    if (!listener->process || waitpid(listener->process, NULL, WNOHANG) == 0)
        return;
    fprintf(stderr, "gapwatch: '%s' has ended; the next line starts it again\n", listener->command);
    close(listener->input);
    listener->process = 0;
}

void listener_tell(struct listener *listener, const char *line, size_t length)
{
    uint64_t now_ns = monotonic_ns();

    look(listener);
    if (!listener->process && listener->started_ns &&
        now_ns - listener->started_ns < START_EVERY_NS) {
        listener->dropped++;
        return;
    }
    /* A pipe takes a line of up to PIPE_BUF octets whole, or refuses it. */
    if (length > PIPE_BUF || (!listener->process && start(listener) < 0) ||
        write(listener->input, line, length) < 0)
        listener->dropped++;
}

void listener_say_dropped(struct listener *listener)
{
    if (listener->dropped == listener->said)
        return;
    fprintf(stderr, "gapwatch: '%s' did not take %" PRIu64 " lines\n", listener->command,
            listener->dropped - listener->said);
    listener->said = listener->dropped;
}

void listener_end(struct listener *listener)
{
    struct timespec pause = {.tv_nsec = END_LOOK_NS};

    if (!listener->process)
        return;
    close(listener->input);
    for (int i = 0; i < END_LOOKS && waitpid(listener->process, NULL, WNOHANG) == 0; i++)
        nanosleep(&pause, NULL);
    listener->process = 0;
}
