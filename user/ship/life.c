/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "ship/life.h"

#include <signal.h>
#include <time.h>

#include "base/interrupt.h"
#include "base/monotonic.h"
#include "base/service.h"
#include "base/units.h"

#define LOOK_NS (NS_PER_SECOND / 10)

static volatile sig_atomic_t hangup_came;

static void note_hangup(int signal_number)
{
    (void)signal_number;
    hangup_came = 1;
}

void life_begin(struct life *life)
{
    struct sigaction caught = {.sa_handler = note_hangup, .sa_flags = SA_RESTART};

    sigaction(SIGHUP, &caught, NULL);
    *life = (struct life){.every_ns = service_watchdog_ns()};
    service_tell("READY=1\nSTATUS=shipping");
}

void life_show(struct life *life)
{
    uint64_t now_ns = monotonic_ns();

    if (!life->every_ns || now_ns - life->told_ns < life->every_ns)
        return;
    service_tell("WATCHDOG=1");
    life->told_ns = now_ns;
}

void life_rest(struct life *life, uint64_t wait_ns)
{
    uint64_t until_ns = monotonic_ns() + wait_ns;
    struct timespec look = {.tv_nsec = LOOK_NS};

    while (!interrupted() && !hangup_came && monotonic_ns() < until_ns) {
        life_show(life);
        nanosleep(&look, NULL);
    }
}

int life_must_reload(void)
{
    int came = hangup_came;

    hangup_came = 0;
    return came;
}
