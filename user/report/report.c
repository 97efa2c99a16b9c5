/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "report/order.h"

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

static int collect_flows(struct report *report, const struct flow_table *table)
{
    size_t count = 0;

    report->flows = malloc((table->flows.count + 1) * sizeof(*report->flows));
    if (!report->flows)
        return -1;
    for (uint32_t i = flow_table_oldest(table); i != POOL_NONE; i = flow_table_newer(table, i))
        report->flows[count++] = flow_table_at(table, i);
    report->flow_count = count;
    return order_by_loss(report->flows, count);
}

int report_prepare(struct report *report, struct tracker *tracker)
{
    report->tracker = tracker;
    report->summary = tracker_summary(tracker);
    /* A file's sensor is whoever wrote it: what is missing there was lost by the network. */
    report->lost_by_cause[CAUSE_NETWORK] = report->summary.lost;
    if (tracker->gaps.count)
        qsort(tracker->gaps.gaps, tracker->gaps.count, sizeof(struct gap), compare_gaps);
    return collect_flows(report, &tracker->table);
}

void report_release(struct report *report)
{
    free(report->flows);
    report->flows = NULL;
}
