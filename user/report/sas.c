/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report/sas.h"
#include "lineage/decide.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
    const struct sa_change *a = left;
    const struct sa_change *b = right;
    int keys = memcmp(&a->key, &b->key, sizeof(a->key));

    if (keys)
        return keys;
    return (a->generation < b->generation) - (a->generation > b->generation);
}

int sas_collect(struct report *report, struct tracker *const *trackers, size_t count)
{
    size_t total = 0;

    for (size_t i = 0; i < count; i++) {
        total += trackers[i]->sas.count;
        report->sas_omitted += trackers[i]->sas.omitted;
    }
    if (!total)
        return 0;
    report->sas = malloc(total * sizeof(*report->sas));
    if (!report->sas)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const struct sa_log *log = &trackers[i]->sas;

        if (log->count)
            memcpy(report->sas + report->sa_count, log->sas, log->count * sizeof(*log->sas));
        report->sa_count += log->count;
    }
    qsort(report->sas, report->sa_count, sizeof(*report->sas), compare);
    return 0;
}

/* The index of the first SA of the flow with KEY, or else of the next flow in the order. */
static size_t find(const struct report *report, const struct flow_key *key)
{
    size_t from = 0, until = report->sa_count;

    while (from < until) {
        size_t middle = from + (until - from) / 2;

        if (memcmp(&report->sas[middle].key, key, sizeof(*key)) < 0)
            from = middle + 1;
        else
            until = middle;
    }
    return from;
}

void sas_of(const struct report *report, const struct listed_flow *listed,
            int (*take)(void *context, const struct sa_change *sa), void *context)
{
    const struct flow_key *key = &listed->flow->key;
    uint64_t since_ns =
        listed->flow->first_ns; /* earlier SAs are from before the flow left and came back */

    if (!listed->departed && listed_has_sequence(listed))
        sequence_live_sas(listed->sequencer, listed->flow, take, context);
    for (size_t i = find(report, key); i < report->sa_count; i++) {
        if (memcmp(&report->sas[i].key, key, sizeof(*key)) != 0)
            return;
        if (report->sas[i].last_ns >= since_ns)
            take(context, &report->sas[i]);
    }
}

/* --- lineage --- */

/* Copies the SA to CONTEXT, and ends the iteration: the newest comes first. */
static int take_newest(void *context, const struct sa_change *sa)
{
    *(struct sa_change *)context = *sa;
    return -1;
}

static int add_listed(struct lineage *lineage, const struct listed_flow *listed)
{
    const struct flow *flow = listed->flow;
    struct sa_change newest = {.steady_ns = flow->timing.last_ns};
    struct kin kin = {
        .key = flow->key,
        .first_ns = flow->first_ns,
        .first_sequence = flow->first_sequence,
        .ports = flow->first_ports,
    };

    if (!listed_has_sequence(listed) || (!listed->departed && flow->position == POOL_NONE))
        return 0; /* a single number makes no lineage, and a flood has many such flows */
    kin.received = listed_figures(listed).received;
    if (!listed->departed)
        sequence_live_sas(listed->sequencer, flow, take_newest, &newest);
    kin.last_ns = newest.steady_ns;
    kin.since_ns = newest.first_ns;
    kin.generation = newest.generation;
    return lineage_add(lineage, &kin);
}

int sas_relate(struct report *report, struct tracker *const *trackers, size_t count)
{
    struct lineage *lineage = &report->lineage;

    for (size_t i = 0; i < report->sa_count; i++)
        if (lineage_add_sa(lineage, &report->sas[i]) < 0)
            return -1;
    for (size_t i = 0; i < report->flow_count; i++)
        if (add_listed(lineage, &report->flows[i]) < 0)
            return -1;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < trackers[i]->moves.ties.count; j++)
            lineage_add_tie(lineage, &trackers[i]->moves.ties.ties[j]);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < trackers[i]->exchanges.ties.count; j++)
            lineage_add_exchange(lineage, &trackers[i]->exchanges.ties.ties[j]);
    lineage_decide(lineage);
    return 0;
}
