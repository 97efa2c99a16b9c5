/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t was_interrupted;

static void note_interrupt(int signal_number)
{
    (void)signal_number;
    was_interrupted = 1;
}

static void do_nothing(int signal_number)
{
    (void)signal_number;
}

static void catch_unless_ignored(int signal_number)
{
    /* Reset, so that the second ends the program; restart, so that the first breaks no call. */
    struct sigaction first = {.sa_handler = note_interrupt, .sa_flags = SA_RESETHAND | SA_RESTART};
    struct sigaction before;

    if (sigaction(signal_number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(signal_number, &first, NULL);
}

void interrupt_catch(void)
{
    catch_unless_ignored(SIGINT);
    catch_unless_ignored(SIGTERM);
}

int interrupted(void)
{
    return was_interrupted;
}

void interrupt_thread(pthread_t thread)
{
    struct sigaction nudge = {.sa_handler = do_nothing};

    sigaction(SIGUSR1, &nudge, NULL);
    pthread_kill(thread, SIGUSR1);
}
