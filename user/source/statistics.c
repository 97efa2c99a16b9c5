/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include <string.h>

#include "base/text.h"
#include "source/source.h"

/* Whether NAME is one of NAMES, which are joined with ", ". */
static int is_listed(const char *names, const char *name)
{
    size_t length = strlen(name);

    for (const char *next = names; *next; next += strspn(next, ", ")) {
        size_t span = strcspn(next, ",");

        if (span == length && strncmp(next, name, span) == 0)
            return 1;
        next += span;
    }
    return 0;
}

void statistics_name_link(struct source_statistics *statistics, const char *name)
{
    struct text names = {statistics->link_type, sizeof(statistics->link_type),
                         strlen(statistics->link_type)};

    if (*name && !is_listed(statistics->link_type, name))
        text_add(&names, "%s%s", names.length ? ", " : "", name);
}

void statistics_add(struct source_statistics *total, const struct source_statistics *part)
{
    total->frames += part->frames;
    total->bytes += part->bytes;
    total->sensor_drops += part->sensor_drops;
    total->clock_steps += part->clock_steps;
    total->copies_dropped += part->copies_dropped;
    total->mirror_lost += part->mirror_lost;
    total->ring_bytes += part->ring_bytes;
    total->ring_used_bytes += part->ring_used_bytes;
    total->is_behind_other |= part->is_behind_other;
    for (size_t i = 0; i < OUTCOME_COUNT; i++)
        total->outcomes[i] += part->outcomes[i];
    statistics_name_link(total, part->link_type);
}
