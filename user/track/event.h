/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What happened to a flow at one moment, besides gaps. */
#ifndef GAPWATCH_TRACK_EVENT_H
#define GAPWATCH_TRACK_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"

/* clang-format off */
/*      kind         its name in JSON, SQL and the API */
#define EVENT_TABLE(ROW)                                                                           \
    ROW(REKEY,       rekey)                                                                        \
    ROW(RESTART,     restart)                                                                      \
    ROW(SENDER_JUMP, sender_jump) /* value: the numbers that it skipped */                         \
    ROW(UNDONE,      undone)      /* a change that was told was none */                            \
    ROW(CLOCK_STEP,  clock_step)  /* value: nanoseconds, as a signed number */                     \
    ROW(SILENT,      silent)                                                                       \
    ROW(BACK,        back)

enum track_event_kind {
#define ROW(kind, name) EVENT_##kind,
    EVENT_TABLE(ROW)
#undef ROW
    EVENT_KIND_COUNT,
};
/* clang-format on */

struct track_event {
    uint64_t timestamp_ns;
    struct flow_key key; /* all zero: of no flow */
    uint64_t value;
    uint8_t kind; /* enum track_event_kind */
    uint8_t association;
    uint8_t reserved[6];
};

struct event_log {
    struct track_event *events;
    size_t count;
    size_t capacity;
    size_t limit;
    uint64_t omitted; /* that came when the log was full */
};

/* Adds a copy of EVENT, or counts it as omitted when the log or memory is full. */
void event_log_add(struct event_log *log, const struct track_event *event);

/* "rekey", "restart" and so on: the kind's name in JSON, SQL and the API. */
const char *track_event_name(enum track_event_kind kind);

#endif
