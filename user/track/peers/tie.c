/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/peers/tie.h"

#include <stdlib.h>

#include "base/units.h"

#define FIRST_CAPACITY 16

void tie_log_release(struct tie_log *log)
{
    free(log->ties);
    *log = (struct tie_log){0};
}

void tie_log_add(struct tie_log *log, const struct tie *tie)
{
    if (log->count == log->capacity) {
        size_t capacity = log->capacity ? log->capacity * 2 : FIRST_CAPACITY;
        struct tie *ties =
            capacity <= TIES_MAX ? realloc(log->ties, capacity * sizeof(*ties)) : NULL;

        if (!ties)
            return;
        log->ties = ties;
        log->capacity = capacity;
    }
    log->ties[log->count++] = *tie;
}

void tie_log_shift_time(struct tie_log *log, int64_t step_ns)
{
    for (size_t i = 0; i < log->count; i++)
        log->ties[i].timestamp_ns = shift_time(log->ties[i].timestamp_ns, step_ns);
}
