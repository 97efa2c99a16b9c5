/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include <string.h>

#include "base/text.h"
#include "source/source.h"

void statistics_add(struct source_statistics *total, const struct source_statistics *part)
{
    struct text names = {total->link_type, sizeof(total->link_type), strlen(total->link_type)};

    total->frames += part->frames;
    total->bytes += part->bytes;
    total->sensor_drops += part->sensor_drops;
    for (size_t i = 0; i < OUTCOME_COUNT; i++)
        total->outcomes[i] += part->outcomes[i];
    if (!strstr(total->link_type, part->link_type))
        text_add(&names, "%s%s", names.length ? ", " : "", part->link_type);
}
