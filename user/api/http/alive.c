/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/alive.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

#include "api/http/kore.h"
#include "base/monotonic.h"
#include "base/service.h"

static uint64_t every_ns; /* how often the service manager wants to hear of us; 0: never */

/* When each worker was last here, on the monotonic clock, by its number; at first, when the server
 * started. Shared. */
static _Atomic uint64_t *seen_ns;

void alive_begin(void)
{
    void *memory;

    every_ns = service_watchdog_ns();
    if (!every_ns)
        return;
    memory = mmap(NULL, KORE_WORKER_MAX * sizeof(*seen_ns), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        fatal("out of memory");
    seen_ns = memory;
    for (size_t i = 0; i < KORE_WORKER_MAX; i++)
        seen_ns[i] = monotonic_ns();
}

/* Workers have the numbers from 1 on; Kore's count has its own helpers in it, too. */
static int all_answer(uint64_t now_ns)
{
    for (size_t id = 1; id + KORE_WORKER_BASE <= worker_count; id++)
        if (atomic_load(&seen_ns[id]) + every_ns < now_ns)
            return 0;
    return 1;
}

void alive_tick(void)
{
    static uint64_t told_ns;
    uint64_t now_ns = monotonic_ns();

    if (!every_ns)
        return;
    atomic_store(&seen_ns[worker->id], now_ns);
    if (now_ns - told_ns < every_ns || !all_answer(now_ns))
        return;
    service_tell("WATCHDOG=1");
    told_ns = now_ns;
}
