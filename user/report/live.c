/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The report at the end of a live run. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "flow/figures.h"
#include "flow/id.h"
#include "report/outcomes.h"
#include "report/peers.h"
#include "report/report.h"
#include "report/sas.h"

/* A longer table helps no reader; --json and the database have all flows. */
#define FLOWS_SHOWN 50

#define HEADING_FLOW "Flow"

static void write_totals(const struct report *report, FILE *to)
{
    const struct summary *summary = &report->summary;

    fprintf(to, "Interface: %s (%s)\n", report->targets[0], report->method);
    fprintf(to, "Duration: %.1f s\n", report->seconds);
    fprintf(to, "Total packets processed: %" PRIu64 "\n", report->statistics.frames);
    outcomes_write(report, to);
    fprintf(to, "Flows detected: %" PRIu64 "\n", summary->flows);
    fprintf(to, "Gaps detected: %" PRIu64 "\n", summary->gaps);
    fprintf(to, "Lost packets: %" PRIu64 " (network %" PRIu64 ", undetermined %" PRIu64 ")\n",
            summary->lost[CAUSE_NETWORK], summary->lost[CAUSE_NETWORK],
            summary->lost[CAUSE_UNDETERMINED]);
    if (report->statistics.sensor_drops)
        fprintf(to,
                "Dropped by the sensor: %" PRIu64 " (%" PRIu64 " of them counted in their flows)\n",
                report->statistics.sensor_drops, summary->unobserved);
    if (report->statistics.mirror_lost)
        fprintf(to, "Lost by mirrors before the sensor: %" PRIu64 "\n",
                report->statistics.mirror_lost);
    if (report->flows_left)
        fprintf(to,
                "Flows that left the table: %" PRIu64 " (in the totals; %" PRIu64 " are listed)\n",
                report->flows_left, report->flows_departed);
}

/* The width of the longest id among the flows shown. */
static int id_width(const struct report *report, size_t count)
{
    int width = (int)strlen(HEADING_FLOW);
    char id[FLOW_ID_CHARS];

    for (size_t i = 0; i < count; i++) {
        flow_id_format(&report->flows[i].flow->key, id);
        if ((int)strlen(id) > width)
            width = (int)strlen(id);
    }
    return width;
}

/* Writes a column that exists only when there is undetermined loss, which is rare. */
static void write_undetermined(const struct report *report, const char *text, FILE *to)
{
    if (report->summary.lost[CAUSE_UNDETERMINED])
        fprintf(to, " %12s", text);
}

static void write_row(const struct report *report, const struct listed_flow *listed, int width,
                      FILE *to)
{
    const struct flow *flow = listed->flow;
    struct sequence_figures figures = listed_figures(listed);
    double mbps = bandwidth_mbps(flow->bytes, flow->first_ns, flow->timing.last_ns);
    char id[FLOW_ID_CHARS], bandwidth[32] = "-", undetermined[32];

    flow_id_format(&flow->key, id);
    if (!isnan(mbps))
        snprintf(bandwidth, sizeof(bandwidth), "%.2f Mbps", mbps);
    snprintf(undetermined, sizeof(undetermined), "%" PRIu64, figures.lost[CAUSE_UNDETERMINED]);
    fprintf(to, "%-*s %12" PRIu64 " %15" PRIu64 " %9" PRIu64 " %11" PRIu64, width, id,
            flow->packets, flow->bytes, figures.gaps, figures.lost[CAUSE_NETWORK]);
    write_undetermined(report, undetermined, to);
    fprintf(to, " %15s%s\n", bandwidth, report_silent_since(report, listed) ? "  silent" : "");
}

static void write_capture(const struct report *report, FILE *to)
{
    size_t count = report->flow_count < FLOWS_SHOWN ? report->flow_count : FLOWS_SHOWN;
    int width = id_width(report, count);

    write_totals(report, to);
    if (!count)
        return;
    fprintf(to, "\n%-*s %12s %15s %9s %11s", width, HEADING_FLOW, "Packets", "Bytes", "Gaps",
            "Lost");
    write_undetermined(report, "Undetermined", to);
    fprintf(to, " %15s\n", "Bandwidth");
    for (size_t i = 0; i < count; i++)
        write_row(report, &report->flows[i], width, to);
    if (count < report->flow_count)
        fprintf(to, "%zu flows with less loss, then fewer bytes, are left out (--json has all)\n",
                report->flow_count - count);
}

void report_write_live(const struct report *reports, size_t count, FILE *to)
{
    fputs("\n=== Analysis Complete ===\n", to);
    for (size_t i = 0; i < count; i++) {
        if (i)
            fputc('\n', to);
        write_capture(&reports[i], to);
        if (reports[i].shows_peers)
            peers_write_table(&reports[i], to);
        if (reports[i].shows_sas)
            sas_write_tables(&reports[i], FLOWS_SHOWN, to);
    }
}
