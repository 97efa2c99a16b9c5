/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/lifesign.h"

#include "base/service.h"
#include "base/text.h"

#define STATUS_CHARS 1024

void lifesign_begin(struct lifesign *lifesign, const struct group *group)
{
    char chars[STATUS_CHARS];
    struct text text = text_over(chars, sizeof(chars));
    const char *before = " ";

    *lifesign = (struct lifesign){.every_ns = service_watchdog_ns()};
    text_add(&text, "READY=1\nSTATUS=watching");
    for (size_t i = 0; i < group->count; i++) {
        if (group->sessions[i].stage != SESSION_RUNS)
            continue;
        text_add(&text, "%s%s", before, group->sessions[i].name);
        before = ", ";
    }
    service_tell(chars);
}

void lifesign_update(struct lifesign *lifesign, struct group *group, uint64_t now_ns)
{
    int all = 1;

    if (!lifesign->every_ns || now_ns - lifesign->told_ns < lifesign->every_ns)
        return;
    for (size_t i = 0; i < group->count; i++)
        if (group->sessions[i].stage == SESSION_RUNS && !session_moved(&group->sessions[i]))
            all = 0;
    if (!all)
        return;
    service_tell("WATCHDOG=1");
    lifesign->told_ns = now_ns;
}

void lifesign_end(void)
{
    service_tell("STOPPING=1");
}
