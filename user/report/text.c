/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The text report. */
#include <string.h>

#include "base/timestamp.h"
#include "flow/figures.h"
#include "flow/id.h"
#include "lineage/names.h"
#include "report/order.h"
#include "report/outcomes.h"
#include "report/peers.h"
#include "report/report.h"
#include "report/sas.h"

/* More gaps help no reader; --json has all. */
#define GAPS_SHOWN 100

/* No reader needs more of these, either. */
#define INTERFACES_SHOWN 32

/* Less than this is 0 with the two decimals that are printed. */
#define BANDWIDTH_SHOWN_MBPS 0.005

/* Writes undetermined loss, which is shown beside network loss. */
static void write_undetermined(FILE *to, const char *indent, uint64_t lost)
{
    if (lost)
        fprintf(to, "%sLost by the network or the sensor (undetermined): %llu\n", indent,
                (unsigned long long)lost);
}

/* Writes a line for each interface of the files, if there are several. */
static void write_interfaces(const struct report *report, FILE *to)
{
    for (size_t i = 0; report->interface_count > 1 && i < report->interface_count; i++) {
        const struct interface_row *row = &report->interfaces[i];

        if (i == INTERFACES_SHOWN) {
            fprintf(to, "  %zu more interfaces (--json has all)\n", report->interface_count - i);
            return;
        }
        fprintf(to, "Interface %u%s%s (%s): %llu packets", row->number, *row->name ? " " : "",
                row->name, row->link_type, (unsigned long long)row->packets);
        if (row->lost)
            fprintf(to, ", %llu lost by the sensor", (unsigned long long)row->lost);
        putc('\n', to);
    }
}

static void write_totals(const struct report *report, FILE *to)
{
    uint64_t evicted = report->flows_left - report->flows_departed;

    fprintf(to, "Total packets processed: %llu\n", (unsigned long long)report->statistics.frames);
    outcomes_write(report, to);
    write_interfaces(report, to);
    if (report->statistics.sensor_drops)
        fprintf(to, "Lost by the sensor that wrote the capture: %llu\n",
                (unsigned long long)report->statistics.sensor_drops);
    fprintf(to, "Flows detected: %llu\n", (unsigned long long)report->summary.flows);
    if (report->statistics.clock_steps)
        fprintf(to, "Steps of the clock: %llu (times behind one go on from those before it)\n",
                (unsigned long long)report->statistics.clock_steps);
    if (evicted)
        fprintf(to,
                "Flows that left the table: %llu (in the totals, not listed; see --max-flows)\n"
                "Lost packets of all flows: %llu\n",
                (unsigned long long)evicted,
                (unsigned long long)report->summary.lost[CAUSE_NETWORK]);
    if (report->statistics.copies_dropped)
        fprintf(to, "Copies dropped: %llu\n",
                (unsigned long long)report->statistics.copies_dropped);
    if (report->statistics.mirror_lost)
        fprintf(to, "Lost by mirrors before the sensor: %llu\n",
                (unsigned long long)report->statistics.mirror_lost);
    write_undetermined(to, "", report->summary.lost[CAUSE_UNDETERMINED]);
}

/* Writes a line, unless VALUE is 0. */
static void write_if(FILE *to, const char *label, uint64_t value)
{
    if (value)
        fprintf(to, "  %s: %llu\n", label, (unsigned long long)value);
}

/* Writes which replay window is enough, and what the smaller ones would have refused. */
static void write_advice(const struct listed_flow *listed, FILE *to)
{
    struct replay_advice advice = listed_advice(listed);

    if (!advice.p99)
        return; /* all were in order */
    if (advice.window)
        fprintf(to, "  Recommended replay window: %u", advice.window);
    else
        fputs("  Recommended replay window: none, numbers came very late", to);
    for (unsigned i = 0; i < REPLAY_WINDOWS && advice.refused[i]; i++)
        fprintf(to, "%s%u: %llu", i ? ", " : " (refused by windows of ", REPLAY_WINDOW_MIN << i,
                (unsigned long long)advice.refused[i]);
    fputs(advice.refused[0] ? ")\n" : "\n", to);
}

/* Writes when the numbers run out, if that is near. */
static void write_exhaustion(const struct listed_flow *listed, FILE *to)
{
    struct number_space space = listed_space(listed);
    char timestamp[TIMESTAMP_CHARS];

    if (!space.exhaustion_ns)
        return;
    timestamp_format(space.exhaustion_ns, timestamp);
    fprintf(to, "  Numbers run out: %s at this rate (%.1f %% used)\n", timestamp, space.used * 100);
}

static void write_sequence(const struct listed_flow *listed, FILE *to)
{
    const struct flow *flow = listed->flow;
    struct sequence_figures figures = listed_figures(listed);

    fprintf(to, "  Gaps detected: %llu\n", (unsigned long long)figures.gaps);
    fprintf(to, "  Lost packets (due to gaps): %llu\n",
            (unsigned long long)figures.lost[CAUSE_NETWORK]);
    write_undetermined(to, "  ", figures.lost[CAUSE_UNDETERMINED]);
    fprintf(to, "  Sequence range: %llu - %llu\n", (unsigned long long)flow->first_sequence,
            (unsigned long long)listed_last_sequence(listed));
    write_if(to, "Min gap size", figures.min_gap);
    write_if(to, "Max gap size", figures.max_gap);
    write_if(to, "Missed by the sensor", flow->unobserved);
    write_if(to, "Duplicates", figures.duplicates);
    write_if(to, "Reordered", figures.reordered);
    write_if(to, "Max reorder distance", figures.max_reorder_distance);
    write_if(to, "Copies dropped", flow->copies);
    if (flow->copies)
        fprintf(to, "  Frames that came once where others came twice: %u\n", flow->alone);
    write_if(to, "Late", figures.late);
    write_advice(listed, to);
    write_if(to, "Outliers", flow->outliers);
    write_if(to, "Wraparounds", figures.wraparounds);
    write_if(to, "Restarts", flow->restarts);
    write_if(to, "Rekeys", flow->rekeys);
    write_if(to, "Skipped numbers", figures.skipped);
    write_exhaustion(listed, to);
    if (flow->mixed_senders)
        fputs("  Mixed senders: missing numbers are undetermined\n", to);
    if (is_partial_view(&figures))
        fputs(
            "  Partial view possible: the loss does not cluster; another path may have the rest\n",
            to);
    if (flow->flags & RECORD_IMPLICIT_SCI)
        fputs("  SCI: not in the frames, taken from the source MAC\n", to);
}

static void write_mka(const struct listed_flow *listed, FILE *to)
{
    struct mka_record said = listed_mka(listed);
    char chars[MKA_TEXT_CHARS];
    struct text text = text_over(chars, sizeof(chars));

    if (!said.protocol)
        return;
    mka_describe(&said, &text);
    fprintf(to, "  MKA (not authenticated): %s\n", chars);
}

static void write_silence(const struct report *report, const struct listed_flow *listed, FILE *to)
{
    uint64_t silent_ns = report_silent_since(report, listed);
    char timestamp[TIMESTAMP_CHARS];

    if (!silent_ns)
        return;
    timestamp_format(silent_ns, timestamp);
    fprintf(to, "  Silent since: %s\n", timestamp);
}

/* Writes which flow took over from which. */
static void write_bonds(const struct report *report, const struct listed_flow *listed, FILE *to)
{
    struct bond_chars chars;
    struct bond_names names =
        bond_names_of(&report->lineage, &listed->flow->key, listed_has_sequence(listed), &chars);

    if (names.moved_to)
        fprintf(to, "  Moved to: %s\n", names.moved_to);
    if (names.follows)
        fprintf(to, "  Follows: %s (%s)\n", names.follows, names.follows_known);
}

static void write_flow(const struct report *report, const struct listed_flow *listed, FILE *to)
{
    const struct flow *flow = listed->flow;
    double bandwidth = bandwidth_mbps(flow->bytes, flow->first_ns, flow->timing.last_ns);
    char id[FLOW_ID_CHARS];

    flow_id_format(&flow->key, id);
    fprintf(to, "\nFlow: %s\n", id);
    fprintf(to, "  Packets received: %llu\n", (unsigned long long)flow->packets);
    if (listed_has_sequence(listed))
        write_sequence(listed, to);
    else
        fprintf(to, "  Total bytes: %llu\n", (unsigned long long)flow->bytes);
    if (flow_has_esp_in_tcp(flow))
        fputs("  ESP in TCP (RFC 9329): its numbers are not tracked\n", to);
    if (bandwidth >= BANDWIDTH_SHOWN_MBPS) /* false for NAN, too */
        fprintf(to, "  Bandwidth: %.2f Mbps\n", bandwidth);
    write_mka(listed, to);
    write_bonds(report, listed, to);
    write_silence(report, listed, to);
}

/* Writes the worst flows, in the order of their ids. */
static void write_flows(const struct report *report, FILE *to)
{
    struct listed_flow shown[REPORT_FLOWS_SHOWN];
    size_t count =
        report->flow_count < REPORT_FLOWS_SHOWN ? report->flow_count : REPORT_FLOWS_SHOWN;

    memcpy(shown, report->flows, count * sizeof(shown[0]));
    order_by_id(shown, count); /* stays in the order of loss without memory */
    for (size_t i = 0; i < count; i++)
        write_flow(report, &shown[i], to);
    if (count < report->flow_count)
        fprintf(to, "\n%zu flows with less loss, then fewer bytes, are left out (--json has all)\n",
                report->flow_count - count);
}

static void write_gaps(const struct report *report, FILE *to)
{
    size_t count = report->gap_count < GAPS_SHOWN ? report->gap_count : GAPS_SHOWN;
    uint64_t left_out = report->gap_count - count + report->gaps_omitted;

    fputs("\nGaps Detected:\n==============\n", to);
    if (!count)
        fputs("  None\n", to);
    for (size_t i = 0; i < count; i++) {
        const struct gap *gap = &report->gaps[i];
        char id[FLOW_ID_CHARS];

        flow_id_format(&gap->key, id);
        fprintf(to, "  Gap %zu: Flow %s - Expected seq %llu, received %llu (gap size: %llu)\n",
                i + 1, id, (unsigned long long)gap->expected_sequence,
                (unsigned long long)gap->received_sequence, (unsigned long long)gap->size);
    }
    if (left_out)
        fprintf(to, "  %llu later gaps are left out (--json has %s)\n",
                (unsigned long long)left_out, report->gaps_omitted ? "the first million" : "all");
}

void report_write_text(const struct report *report, FILE *to)
{
    fputs("\nAnalysis Report:\n================\n", to);
    write_totals(report, to);
    write_flows(report, to);
    if (report->shows_peers)
        peers_write_table(report, to);
    if (report->shows_sas)
        sas_write_tables(report, REPORT_FLOWS_SHOWN, to);
    write_gaps(report, to);
}
