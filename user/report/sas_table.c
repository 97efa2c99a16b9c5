/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The tables of SAs in a text report. */
#include <inttypes.h>

#include "base/timestamp.h"
#include "figures/rows.h"
#include "flow/outcome_name.h"
#include "report/sas.h"

#define SAS_SHOWN  20 /* of one flow: more help no reader; --json has all */
#define TIME_WIDTH 30 /* of RFC 3339 times with nanoseconds */

#define ASSOCIATION_CHARS 4 /* "255" */

struct table {
    FILE *to;
    const char *association; /* association_name() */
    uint64_t rows;
};

static int write_sa(void *context, const struct sa_change *sa)
{
    struct table *table = context;
    char first[TIMESTAMP_CHARS], last[TIMESTAMP_CHARS];
    char association[ASSOCIATION_CHARS] = "";

    if (table->rows++ >= SAS_SHOWN)
        return 0;
    if (table->association)
        snprintf(association, sizeof(association), "%u", sa->association);
    timestamp_format(sa->first_ns, first);
    timestamp_format(sa->last_ns, last);
    fprintf(table->to,
            "  %6u %5s %20" PRIu64 " %20" PRIu64 " %12" PRIu64 " %10" PRIu64 " %10" PRIu64
            " %10" PRIu64 " %7u  %s  %s%s\n",
            sa->generation, association, sa->first_sequence, sa->last_sequence,
            figures_packets(&sa->figures), sa->figures.lost[CAUSE_NETWORK],
            sa->figures.lost[CAUSE_UNDETERMINED], sa->figures.late, sa->advice.window, first, last,
            sa->has_ended ? "  ended" : "");
    return 0;
}

static void write_flow(const struct report *report, const struct listed_flow *listed, FILE *to)
{
    struct table table = {.to = to, .association = association_name(listed->flow->key.protocol)};
    char id[FLOW_ID_CHARS];

    flow_id_format(&listed->flow->key, id);
    fprintf(to, "\n%s\n  %6s %5s %20s %20s %12s %10s %10s %10s %7s  %-*s  %s\n", id, "SA",
            table.association ? table.association : "", "First number", "Last number", "Packets",
            "Lost", "Undet.", "Late", "Window", TIME_WIDTH, "First frame", "Last frame");
    sas_of(report, listed, write_sa, &table);
    if (table.rows > SAS_SHOWN)
        fprintf(to, "  %" PRIu64 " older SAs are left out (--json has all)\n",
                table.rows - SAS_SHOWN);
}

void sas_write_tables(const struct report *report, size_t count, FILE *to)
{
    fputs("\nSAs:\n====\n", to);
    for (size_t i = 0; i < count && i < report->flow_count; i++)
        if (listed_has_sequence(&report->flows[i]))
            write_flow(report, &report->flows[i], to);
}
