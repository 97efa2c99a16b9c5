/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/ending.h"

#include <signal.h>
#include <unistd.h>

#include "api/http/kore.h"

/* Asks Kore's loop in the parent to end, and arranges to ask again. */
static void ask_to_end(int number)
{
    (void)number;
    sig_recv = SIGTERM;
    alarm(1);
}

/* The parent is still here: its loop has lost the signal, or it waits for a worker that has. */
static void ask_again(int number)
{
    kore_worker_dispatch_signal(SIGTERM);
    ask_to_end(number);
}

void ending_begin(void)
{
    static const int ends[] = {SIGTERM, SIGINT, SIGQUIT};
    struct sigaction first = {.sa_handler = ask_to_end}, again = {.sa_handler = ask_again};

    sigfillset(&first.sa_mask);
    sigfillset(&again.sa_mask);
    sigaction(SIGALRM, &again, NULL);
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
        sigaction(ends[i], &first, NULL);
    if (sig_recv == SIGTERM || sig_recv == SIGINT || sig_recv == SIGQUIT)
        ask_to_end(sig_recv);
}
