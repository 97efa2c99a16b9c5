/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "flow/figures.h"
#include "report/sas.h"

static int compare_gaps(const void *left, const void *right)
{
    const struct gap *a = left;
    const struct gap *b = right;
    int keys;

    if (a->timestamp_ns != b->timestamp_ns)
        return a->timestamp_ns < b->timestamp_ns ? -1 : 1;
    keys = memcmp(&a->key, &b->key, sizeof(a->key));
    if (keys)
        return keys;
    return (a->expected_sequence > b->expected_sequence) -
           (a->expected_sequence < b->expected_sequence);
}

/* Removes withdrawn gaps. */
static void leave_out_withdrawn(struct report *report)
{
    size_t kept = 0;

    for (size_t i = 0; i < report->gap_count; i++)
        if (!report->gaps[i].is_withdrawn)
            report->gaps[kept++] = report->gaps[i];
    report->gap_count = kept;
}

/* Sorts the gaps of a single finished tracker in place; copies others into one array. */
static int collect_gaps(struct report *report, struct tracker *const *trackers, size_t count)
{
    for (size_t i = 0; i < count && !report->is_interim; i++)
        gap_log_drop_withdrawn(&trackers[i]->gaps);
    report->gaps = trackers[0]->gaps.gaps;
    report->gap_count = trackers[0]->gaps.count;
    if (count > 1 || report->is_interim) {
        for (size_t i = 1; i < count; i++)
            report->gap_count += trackers[i]->gaps.count;
        report->gaps = malloc((report->gap_count + 1) * sizeof(*report->gaps));
        if (!report->gaps)
            return -1;
        report->owns_gaps = 1;
        report->gap_count = 0;
        for (size_t i = 0; i < count; i++) {
            const struct gap_log *log = &trackers[i]->gaps;

            if (log->count)
                memcpy(report->gaps + report->gap_count, log->gaps,
                       log->count * sizeof(*log->gaps));
            report->gap_count += log->count;
        }
    }
    leave_out_withdrawn(report);
    if (report->gap_count)
        qsort(report->gaps, report->gap_count, sizeof(*report->gaps), compare_gaps);
    return 0;
}

/* By key; with equal keys, the latest first. */
static int compare_departed(const void *left, const void *right)
{
    const struct flow *a = ((const struct listed_flow *)left)->flow;
    const struct flow *b = ((const struct listed_flow *)right)->flow;
    int keys = memcmp(&a->key, &b->key, sizeof(a->key));

    if (keys)
        return keys;
    return (a->timing.last_ns < b->timing.last_ns) - (a->timing.last_ns > b->timing.last_ns);
}

static int is_in_table(struct tracker *const *trackers, size_t count, const struct flow_key *key)
{
    for (size_t i = 0; i < count; i++) {
        const struct flow_table *table = &trackers[i]->table;

        if (flow_table_find(table, key, flow_table_hash(table, key)) != POOL_NONE)
            return 1;
    }
    return 0;
}

/* Adds flows that left idle, each once, unless they came back. */
static void collect_departed(struct report *report, struct tracker *const *trackers, size_t count)
{
    struct listed_flow *departed = report->flows + report->flow_count;
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < departed_count(&trackers[i]->departed); j++) {
            const struct flow_change *change = departed_at(&trackers[i]->departed, j);

            departed[found++] = (struct listed_flow){.flow = &change->flow, .departed = change};
        }
    if (found)
        qsort(departed, found, sizeof(*departed), compare_departed);
    for (size_t i = 0; i < found; i++) {
        const struct flow_key *key = &departed[i].flow->key;
        struct listed_flow *last = &departed[report->flows_departed];
        int is_known =
            report->flows_departed && memcmp(&last[-1].flow->key, key, sizeof(*key)) == 0;

        if (is_known || is_in_table(trackers, count, key))
            continue;
        *last = departed[i];
        report->flows_departed++;
    }
    report->flow_count += (size_t)report->flows_departed;
}

static int collect_flows(struct report *report, struct tracker *const *trackers, size_t count)
{
    size_t total = 0;

    for (size_t i = 0; i < count; i++)
        total += trackers[i]->table.flows.count + departed_count(&trackers[i]->departed);
    report->flows = malloc((total + 1) * sizeof(*report->flows));
    if (!report->flows)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const struct flow_table *table = &trackers[i]->table;

        for (uint32_t at = flow_table_oldest(table); at != POOL_NONE;
             at = flow_table_newer(table, at))
            report->flows[report->flow_count++] = (struct listed_flow){
                .flow = flow_table_at(table, at),
                .sequencer = &trackers[i]->sequencer,
            };
    }
    collect_departed(report, trackers, count);
    return 0;
}

static int sort_flows(struct report *report)
{
    return order_by_loss(report->flows, report->flow_count,
                         report->flows_wanted ? report->flows_wanted : report->flow_count);
}

int report_prepare(struct report *report, struct tracker *const *trackers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct summary part = tracker_summary(trackers[i]);

        summary_add(&report->summary, &part);
        tracker_correct_outcomes(trackers[i], report->statistics.outcomes);
        report->statistics.mirror_lost += trackers[i]->mirrors.lost;
        report->protocols |= trackers[i]->protocols;
        report->flows_left += trackers[i]->evicted.flows;
        report->gaps_omitted += trackers[i]->gaps.omitted;
    }
    /* The flows are related before they are sorted, while neighbours are close in memory. */
    if (collect_gaps(report, trackers, count) == 0 && collect_flows(report, trackers, count) == 0 &&
        sas_collect(report, trackers, count) == 0 && sas_relate(report, trackers, count) == 0 &&
        sort_flows(report) == 0)
        return 0;
    report_release(report);
    return -1;
}

uint64_t report_silent_since(const struct report *report, const struct listed_flow *listed)
{
    const struct timing *timing = &listed->flow->timing;
    uint64_t end_ns = report->end_ns ? report->end_ns : report->summary.last_ns;

    if (lineage_goes_on(lineage_find(&report->lineage, &listed->flow->key), end_ns))
        return 0;
    return is_silent(timing->last_ns, timing->max_ns, end_ns) ? timing->last_ns : 0;
}

void report_release(struct report *report)
{
    free(report->flows);
    free(report->sas);
    lineage_release(&report->lineage);
    if (report->owns_gaps)
        free(report->gaps);
    report->flows = NULL;
    report->sas = NULL;
    report->gaps = NULL;
}
