/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/event.h"

const char *track_event_name(enum track_event_kind kind)
{
    static const char *const names[EVENT_KIND_COUNT] = {
        [EVENT_REKEY] = "rekey",
        [EVENT_RESTART] = "restart",
        [EVENT_SENDER_JUMP] = "sender_jump",
        [EVENT_UNDONE] = "undone",
        [EVENT_CLOCK_STEP] = "clock_step",
        [EVENT_SILENT] = "silent",
        [EVENT_BACK] = "back",
    };

    return names[kind];
}
