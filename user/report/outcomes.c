/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report/outcomes.h"

#include "flow/outcome_name.h"

void outcomes_write(const struct report *report, FILE *to, const char *heading, enum outcome first,
                    enum outcome last)
{
    const char *before = heading;

    for (enum outcome i = first; i <= last; i++) {
        uint64_t packets = report->statistics.outcomes[i];

        if (!packets)
            continue;
        fprintf(to, "%s %s %llu", before, outcome_label(i), (unsigned long long)packets);
        before = ",";
    }
    if (before != heading)
        putc('\n', to);
}
