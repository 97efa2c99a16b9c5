/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/hangup.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t came;

static void note(int number)
{
    (void)number;
    came = 1;
}

void hangup_catch(void)
{
    struct sigaction caught = {.sa_handler = note, .sa_flags = SA_RESTART};

    sigaction(SIGHUP, &caught, NULL);
}

int hangup_came(void)
{
    int result = came;

    came = 0;
    return result;
}

static void change_mask(int how)
{
    sigset_t hangup;

    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    pthread_sigmask(how, &hangup, NULL);
}

void hangup_hold(void)
{
    change_mask(SIG_BLOCK);
}

void hangup_let_go(void)
{
    change_mask(SIG_UNBLOCK);
}
