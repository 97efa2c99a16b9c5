/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Events of a flow at one moment, other than gaps. */
#ifndef GAPWATCH_TRACK_EVENT_H
#define GAPWATCH_TRACK_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"

/* clang-format off */
/*      kind         its name in JSON, SQL and the API */
#define EVENT_TABLE(ROW)                                                                           \
    ROW(REKEY,       rekey)       /* of ESP: other, and value: enum certainty */                   \
    ROW(RESTART,     restart)                                                                      \
    ROW(SENDER_JUMP, sender_jump) /* value: the numbers skipped */                            \
    ROW(UNDONE,      undone)      /* a reported change was wrong */                                \
    ROW(CLOCK_STEP,  clock_step)  /* value: nanoseconds, a signed number */                        \
    ROW(SILENT,      silent)                                                                       \
    ROW(BACK,        back)                                                                         \
    ROW(MOVED,       moved)       /* other: the flow that the peer left */                         \
    ROW(ROLLOVER_FAILED, rollover_failed) /* value: ns after which the old SA went on; */        \
                                  /* or 0, and other: the direction that goes on */                \
    ROW(ONE_SIDED,   one_sided)   /* other: the direction that keeps its old SA */

enum track_event_kind {
#define ROW(kind, name) EVENT_##kind,
    EVENT_TABLE(ROW)
#undef ROW
    EVENT_KIND_COUNT,
};
/* clang-format on */

struct track_event {
    uint64_t timestamp_ns;
    struct flow_key key;   /* all zero: the event is of no flow */
    struct flow_key other; /* another flow concerned, or all zero */
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
    uint64_t omitted; /* events when the log was full */
};

/* Adds a copy of EVENT. Counts it as omitted when the log or memory is full. */
void event_log_add(struct event_log *log, const struct track_event *event);

/* The name of KIND in JSON, SQL and the API ("rekey"). */
const char *track_event_name(enum track_event_kind kind);

#endif
