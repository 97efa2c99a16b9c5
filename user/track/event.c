/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/event.h"

#include <stdlib.h>

#define FIRST_CAPACITY 64

void event_log_add(struct event_log *log, const struct track_event *event)
{
    size_t capacity = log->capacity ? log->capacity * 2 : FIRST_CAPACITY;
    struct track_event *events;

    if (log->count == log->capacity) {
        events = log->count < log->limit ? realloc(log->events, capacity * sizeof(*events)) : NULL;
        if (!events) {
            log->omitted++;
            return;
        }
        log->events = events;
        log->capacity = capacity;
    }
    log->events[log->count++] = *event;
}

const char *track_event_name(enum track_event_kind kind)
{
    static const char *const names[EVENT_KIND_COUNT] = {
#define ROW(kind, name) [EVENT_##kind] = #name,
        EVENT_TABLE(ROW)
#undef ROW
    };

    return names[kind];
}
