/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

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

/* The gaps of one tracker are sorted where they are; those of several are copied together. */
static int collect_gaps(struct report *report, struct tracker *const *trackers, size_t count)
{
    report->gaps = trackers[0]->gaps.gaps;
    report->gap_count = trackers[0]->gaps.count;
    if (count > 1) {
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
    if (report->gap_count)
        qsort(report->gaps, report->gap_count, sizeof(*report->gaps), compare_gaps);
    return 0;
}

static int collect_flows(struct report *report, struct tracker *const *trackers, size_t count)
{
    size_t total = 0;

    for (size_t i = 0; i < count; i++)
        total += trackers[i]->table.flows.count;
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
    return order_by_loss(report->flows, report->flow_count);
}

int report_prepare(struct report *report, struct tracker *const *trackers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct summary part = tracker_summary(trackers[i]);

        summary_add(&report->summary, &part);
        tracker_correct_outcomes(trackers[i], report->statistics.outcomes);
        tracker_add_lost(trackers[i], report->lost_by_cause);
        report->flows_left += trackers[i]->evicted.flows;
        report->gaps_omitted += trackers[i]->gaps.omitted;
    }
    if (collect_gaps(report, trackers, count) == 0 && collect_flows(report, trackers, count) == 0)
        return 0;
    report_release(report);
    return -1;
}

void report_release(struct report *report)
{
    free(report->flows);
    if (report->owns_gaps)
        free(report->gaps);
    report->flows = NULL;
    report->gaps = NULL;
}
