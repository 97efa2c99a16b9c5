/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/sa_log.h"

#include <stdlib.h>

#include "base/units.h"

#define FIRST_CAPACITY 64

void sa_log_release(struct sa_log *log)
{
    free(log->sas);
    *log = (struct sa_log){0};
}

/* Makes room for one more SA. Returns 0, or -1 when there is none. */
static int reserve(struct sa_log *log)
{
    size_t capacity = log->capacity ? log->capacity * 2 : FIRST_CAPACITY;
    struct sa_change *sas;

    if (log->count < log->capacity)
        return 0;
    if (capacity > SAS_KEPT_MAX)
        return -1;
    sas = realloc(log->sas, capacity * sizeof(*sas));
    if (!sas)
        return -1;
    log->sas = sas;
    log->capacity = capacity;
    return 0;
}

void sa_log_add(struct sa_log *log, const struct sa_change *sa)
{
    if (reserve(log) < 0) {
        log->omitted++;
        return;
    }
    log->sas[log->count] = *sa;
    if (!sa->has_ended)
        log->sas[log->count].has_ended = SA_LEFT;
    log->count++;
}

void sa_log_shift_time(struct sa_log *log, int64_t step_ns)
{
    for (size_t i = 0; i < log->count; i++) {
        log->sas[i].first_ns = shift_time(log->sas[i].first_ns, step_ns);
        log->sas[i].last_ns = shift_time(log->sas[i].last_ns, step_ns);
        log->sas[i].steady_ns = shift_time(log->sas[i].steady_ns, step_ns);
    }
}
