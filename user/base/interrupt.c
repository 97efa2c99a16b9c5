/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/interrupt.h"

#include <signal.h>
#include <stddef.h>

#include "base/monotonic.h"

/* One press of Ctrl-C may arrive as two signals: from the terminal, and from the parent process. */
#define ONE_PRESS_NS (NS_PER_SECOND / 2)

static volatile sig_atomic_t was_interrupted;
static uint64_t interrupted_ns; /* set before was_interrupted */

static void note_interrupt(int signal_number)
{
    uint64_t now_ns = monotonic_ns();

    if (!was_interrupted) {
        interrupted_ns = now_ns;
        was_interrupted = 1;
    } else if (now_ns - interrupted_ns > ONE_PRESS_NS) {
        signal(signal_number, SIG_DFL);
        raise(signal_number); /* ends the program when this handler returns */
    }
}

static void do_nothing(int signal_number)
{
    (void)signal_number;
}

void interrupt_catch(enum interrupt_scope scope)
{
    static const int signals[] = {SIGINT, SIGTERM};
    struct sigaction caught = {.sa_handler = note_interrupt, .sa_flags = SA_RESTART};
    struct sigaction before;

    sigaddset(&caught.sa_mask, SIGINT);
    sigaddset(&caught.sa_mask, SIGTERM);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (scope == INTERRUPT_ALL ||
            (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN))
            sigaction(signals[i], &caught, NULL);
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
