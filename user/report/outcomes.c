/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report/outcomes.h"

#include "flow/outcome_name.h"

static void write_line(const struct report *report, FILE *to, const char *heading, int is_tracked)
{
    const char *before = heading;

    for (enum outcome i = OUTCOME_NONE + 1; i < OUTCOME_COUNT; i++) {
        uint64_t packets = report->statistics.outcomes[i];

        if (!packets || is_tracked != (int)(report->protocols >> i & 1))
            continue;
        fprintf(to, "%s %s %llu", before, outcome_label(i), (unsigned long long)packets);
        before = ",";
    }
    if (before != heading)
        putc('\n', to);
}

void outcomes_write(const struct report *report, FILE *to)
{
    write_line(report, to, "Protocols:", 1);
    write_line(report, to, "Not tracked:", 0);
}
