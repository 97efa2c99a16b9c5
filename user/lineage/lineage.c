/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "lineage/lineage.h"

#include <stdlib.h>
#include <string.h>

#include "flow/figures.h"
#include "numbered.h"
#include "track/peers/exchanges.h"

#define FIRST_CAPACITY 64
#define RECEIVED_MIN   3 /* an SA of fewer numbers may be forged */
/* When there is no room, flows that were silent for this time are forgotten. */
#define KEEP_NS (24 * 3600 * NS_PER_SECOND)

void lineage_release(struct lineage *lineage)
{
    free(lineage->kin);
    free(lineage->order);
    tie_log_release(&lineage->ties);
    tie_log_release(&lineage->exchanges);
    *lineage = (struct lineage){0};
}

/* --- the flows --- */

static int reserve(struct lineage *lineage)
{
    size_t capacity = lineage->capacity ? lineage->capacity * 2 : FIRST_CAPACITY;
    struct kin *kin;
    struct kin **order;

    if (lineage->count < lineage->capacity)
        return 0;
    kin = realloc(lineage->kin, capacity * sizeof(*kin));
    if (!kin)
        return -1;
    lineage->kin = kin;
    order = realloc(lineage->order, capacity * sizeof(*order));
    if (!order)
        return -1;
    lineage->order = order;
    lineage->capacity = capacity;
    return 0;
}

int hosts_compare(const struct flow_key *a, const struct flow_key *b)
{
    int order = a->protocol - b->protocol;

    if (!order)
        order = a->family - b->family;
    if (!order)
        order = memcmp(a->source, b->source, sizeof(a->source));
    return order ? order : memcmp(a->destination, b->destination, sizeof(a->destination));
}

/* The order of the flows: those of the same two hosts are neighbours. */
static int compare(const struct flow_key *a, const struct flow_key *b)
{
    int order = hosts_compare(a, b);

    return order ? order : memcmp(a, b, sizeof(*a));
}

static int compare_keys(const void *left, const void *right)
{
    const struct kin *a = left;
    const struct kin *b = right;
    int order = compare(&a->key, &b->key);

    return order ? order : (a->first_ns > b->first_ns) - (a->first_ns < b->first_ns);
}

/* Takes over the newest SA of MORE. If it is another SA, its events are reported anew. */
static void begin_sa(struct kin *kin, const struct kin *more)
{
    if (more->generation != kin->generation) {
        kin->told = 0;
        kin->other_received = 0;
    }
    kin->since_ns = more->since_ns;
    kin->generation = more->generation;
    kin->rekeys = more->rekeys;
    kin->association = more->association;
}

/* Adds to KIN the information that OTHER, of the same flow, has in addition. */
static void merge(struct kin *kin, const struct kin *other)
{
    struct kin more = other->is_known ? *kin : *other;

    if (other->is_known)
        *kin = *other;
    if (more.first_ns < kin->first_ns) {
        kin->first_ns = more.first_ns;
        kin->first_sequence = more.first_sequence;
    }
    if (more.last_ns > kin->last_ns)
        kin->last_ns = more.last_ns;
    if (more.received > kin->received)
        kin->received = more.received;
    if (more.longest_ns > kin->longest_ns)
        kin->longest_ns = more.longest_ns;
    if (more.generation > kin->generation ||
        (kin->is_known && (more.generation < kin->generation || more.since_ns != kin->since_ns)))
        begin_sa(kin, &more); /* also when the newest SA was undone */
}

/* Sorts the flows by key and merges what was added to one of them. */
static void sort(struct lineage *lineage)
{
    size_t kept = 0;

    if (lineage->sorted == lineage->count)
        return;
    qsort(lineage->kin, lineage->count, sizeof(*lineage->kin), compare_keys);
    for (size_t i = 0; i < lineage->count; i++) {
        const struct kin *kin = &lineage->kin[i];

        if (kept && memcmp(&lineage->kin[kept - 1].key, &kin->key, sizeof(kin->key)) == 0)
            merge(&lineage->kin[kept - 1], kin);
        else
            lineage->kin[kept++] = *kin;
        lineage->kin[kept - 1].is_known = 1;
    }
    lineage->count = kept;
    lineage->sorted = kept;
}

struct kin *lineage_kin(const struct lineage *lineage, const struct flow_key *key)
{
    size_t from = 0, until = lineage->sorted;

    while (from < until) {
        size_t middle = from + (until - from) / 2;
        int order = compare(&lineage->kin[middle].key, key);

        if (!order)
            return &lineage->kin[middle];
        if (order < 0)
            from = middle + 1;
        else
            until = middle;
    }
    return NULL;
}

/* --- too many flows --- */

uint64_t lineage_now(const struct lineage *lineage)
{
    uint64_t newest = 0;

    for (size_t i = 0; i < lineage->count; i++)
        if (lineage->kin[i].last_ns > newest)
            newest = lineage->kin[i].last_ns;
    return newest;
}

/* Keeps the bonds of flows that follow one which is about to be dropped. */
static void freeze(struct lineage *lineage)
{
    for (size_t i = 0; i < lineage->count; i++) {
        struct kin *kin = &lineage->kin[i];
        const struct kin *old =
            kin->bonds.certainty ? lineage_kin(lineage, &kin->bonds.follows) : NULL;

        if (old && old->is_dropped)
            kin->is_frozen = 1;
    }
}

static void drop_marked(struct lineage *lineage)
{
    size_t kept = 0;

    for (size_t i = 0; i < lineage->count; i++)
        if (!lineage->kin[i].is_dropped)
            lineage->kin[kept++] = lineage->kin[i];
    lineage->count = kept;
    lineage->sorted = kept;
}

/* Forgets flows that were silent for long, and, if there are still too many, others; SAs that begin
 * at that time are not compared then. */
static void limit(struct lineage *lineage)
{
    uint64_t now_ns;
    size_t left = lineage->count;

    if (lineage->count <= LINEAGE_FLOWS_MAX &&
        (!lineage->forget_from || lineage->count <= lineage->forget_from))
        return;
    now_ns = lineage_now(lineage);
    for (size_t i = 0; i < lineage->count; i++) {
        lineage->kin[i].is_dropped = lineage->kin[i].last_ns + KEEP_NS < now_ns;
        left -= lineage->kin[i].is_dropped;
    }
    if (left > LINEAGE_FLOWS_MAX)
        lineage->crowded_ns = now_ns;
    for (size_t i = lineage->count; i-- > 0 && left > LINEAGE_FLOWS_MAX;) {
        left -= !lineage->kin[i].is_dropped;
        lineage->kin[i].is_dropped = 1;
    }
    freeze(lineage);
    drop_marked(lineage);
    if (lineage->forget_from && lineage->forget_from < 2 * lineage->count)
        lineage->forget_from = 2 * lineage->count;
}

/* --- adding --- */

int lineage_add(struct lineage *lineage, const struct kin *kin)
{
    if (!is_numbered(&kin->key) || kin->received < RECEIVED_MIN)
        return 0;
    if (lineage->count == (size_t)2 * LINEAGE_FLOWS_MAX) {
        sort(lineage);
        limit(lineage);
    }
    if (reserve(lineage) < 0)
        return -1;
    lineage->kin[lineage->count++] = *kin;
    return 0;
}

int lineage_add_sa(struct lineage *lineage, const struct sa_change *sa)
{
    const struct kin kin = {
        .key = sa->key,
        .first_ns = sa->first_ns,
        .last_ns = sa->steady_ns,
        .received = sa->figures.received,
        .first_sequence = sa->first_sequence,
        .since_ns = sa->first_ns,
        .generation = sa->generation,
        .ports = sa->ports,
    };

    return lineage_add(lineage, &kin);
}

/* --- exchanges --- */

void lineage_add_exchange(struct lineage *lineage, const struct tie *exchange)
{
    struct tie_log *log = &lineage->exchanges;

    if (log->count == TIES_MAX) {
        log->count = 0;
        lineage->in_order = 0;
    }
    tie_log_add(log, exchange);
}

static int compare_exchanges(const void *left, const void *right)
{
    const struct tie *a = left;
    const struct tie *b = right;
    int order = hosts_compare(&a->from, &b->from);

    return order ? order
                 : (a->timestamp_ns > b->timestamp_ns) - (a->timestamp_ns < b->timestamp_ns);
}

static void sort_exchanges(struct lineage *lineage)
{
    struct tie_log *log = &lineage->exchanges;

    if (lineage->in_order < log->count)
        qsort(log->ties, log->count, sizeof(*log->ties), compare_exchanges);
    lineage->in_order = log->count;
}

int lineage_had_exchange(const struct lineage *lineage, const struct flow_key *key,
                         uint64_t from_ns, uint64_t until_ns)
{
    const struct tie_log *log = &lineage->exchanges;
    const struct tie wanted = {.from = exchange_hosts(key), .timestamp_ns = from_ns};
    size_t from = 0, until = lineage->in_order;

    while (from < until) {
        size_t middle = from + (until - from) / 2;

        if (compare_exchanges(&log->ties[middle], &wanted) < 0)
            from = middle + 1;
        else
            until = middle;
    }
    return from < lineage->in_order && hosts_compare(&log->ties[from].from, &wanted.from) == 0 &&
           log->ties[from].timestamp_ns <= until_ns;
}

/* --- bonds --- */

void lineage_add_tie(struct lineage *lineage, const struct tie *tie)
{
    struct tie *ties = lineage->ties.ties;

    for (size_t i = lineage->ties.count; tie->kind == TIE_UNDONE && i-- > 0;)
        if (ties[i].kind != TIE_UNDONE &&
            memcmp(&ties[i].from, &tie->from, sizeof(tie->from)) == 0 &&
            memcmp(&ties[i].to, &tie->to, sizeof(tie->to)) == 0) {
            ties[i].kind = TIE_UNDONE;
            break;
        }
    tie_log_add(&lineage->ties, tie);
}

struct kin *lineage_first_of(const struct lineage *lineage, struct kin *kin)
{
    while (kin->elder != (uint32_t)(kin - lineage->kin)) {
        kin->elder = lineage->kin[kin->elder].elder; /* shortens the way of the next search */
        kin = &lineage->kin[kin->elder];
    }
    return kin;
}

/* Whether a lineage that begins with both A and B is named after A. */
static int is_elder(const struct kin *a, const struct kin *b)
{
    return a->is_frozen != b->is_frozen ? a->is_frozen : a->first_ns <= b->first_ns;
}

void lineage_unite(const struct lineage *lineage, struct kin *a, struct kin *b)
{
    struct kin *first = lineage_first_of(lineage, a);
    struct kin *second = lineage_first_of(lineage, b);

    if (is_elder(first, second))
        second->elder = (uint32_t)(first - lineage->kin);
    else
        first->elder = (uint32_t)(second - lineage->kin);
}

void lineage_put_in_order(struct lineage *lineage)
{
    sort(lineage);
    sort_exchanges(lineage);
    limit(lineage);
}

const struct bonds *lineage_find(const struct lineage *lineage, const struct flow_key *key)
{
    const struct kin *kin = lineage_kin(lineage, key);

    return kin ? &kin->bonds : NULL;
}

size_t lineage_first_of_hosts(const struct lineage *lineage, const struct flow_key *key)
{
    size_t from = 0, until = lineage->sorted;

    while (from < until) {
        size_t middle = from + (until - from) / 2;

        if (hosts_compare(&lineage->kin[middle].key, key) < 0)
            from = middle + 1;
        else
            until = middle;
    }
    return from;
}

int lineage_goes_on(const struct bonds *bonds, uint64_t now_ns)
{
    return bonds &&
           (bonds->is_replaced || (bonds->mates_ns && !is_silent(bonds->mates_ns, 0, now_ns)));
}

const char *certainty_name(enum certainty certainty)
{
    static const char *const names[] = {NULL, "probable", "certain"};

    return names[certainty];
}
