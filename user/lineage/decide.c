/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "lineage/decide.h"

#include <stdlib.h>
#include <string.h>

#include "lineage/hosts.h"

/* Forgets the decisions that can be made anew. */
static void forget(struct lineage *lineage)
{
    for (size_t i = 0; i < lineage->count; i++) {
        struct kin *kin = &lineage->kin[i];

        if (!kin->is_frozen)
            kin->bonds = (struct bonds){0};
        kin->bonds.moved_to = (struct flow_key){0};
        kin->bonds.is_replaced = 0;
        kin->bonds.mates_ns = 0;
        kin->elder = (uint32_t)i;
    }
}

static void apply_tie(struct lineage *lineage, const struct tie *tie)
{
    struct kin *from = lineage_kin(lineage, &tie->from);
    struct kin *to = lineage_kin(lineage, &tie->to);

    if (tie->kind == TIE_UNDONE)
        return;
    if (to && !to->is_frozen) {
        to->bonds.follows = tie->from;
        to->bonds.certainty = CERTAINTY_CERTAIN;
        to->bonds.generation = from ? from->generation : 0;
        to->bonds.has_moved = tie->kind == TIE_MOVED;
    }
    if (from) {
        from->bonds.is_replaced = 1;
        from->bonds.moved_to = tie->kind == TIE_MOVED ? tie->to : (struct flow_key){0};
    }
    if (to && tie->kind == TIE_MOVED) { /* also when the peer is back */
        to->bonds.moved_to = (struct flow_key){0};
        to->bonds.is_replaced = 0;
    }
    if (from && to)
        lineage_unite(lineage, from, to);
}

static int compare_beginnings(const void *left, const void *right)
{
    const struct kin *a = *(struct kin *const *)left;
    const struct kin *b = *(struct kin *const *)right;

    if (a->ports != b->ports)
        return a->ports < b->ports ? -1 : 1;
    if (a->first_ns != b->first_ns)
        return a->first_ns < b->first_ns ? -1 : 1;
    return memcmp(&a->key, &b->key, sizeof(a->key));
}

/* Compares the COUNT flows in ORDER, which have the same hosts. Those with other ports are of
 * another host behind the same NAT. */
static void decide_ports(const struct lineage *lineage, struct kin **order, size_t count)
{
    size_t end;

    qsort(order, count, sizeof(*order), compare_beginnings);
    for (size_t at = 0; at < count; at = end) {
        for (end = at + 1; end < count; end++)
            if (order[end]->ports != order[at]->ports)
                break;
        hosts_decide(lineage, &order[at], end - at);
    }
}

/* Compares the flows of each two hosts, which are neighbours in the order of keys. */
static void decide_hosts(struct lineage *lineage)
{
    size_t end;

    for (size_t i = 0; i < lineage->count; i++)
        lineage->order[i] = &lineage->kin[i];
    for (size_t at = 0; at < lineage->count; at = end) {
        const struct flow_key *key = &lineage->kin[at].key;

        for (end = at + 1; end < lineage->count; end++)
            if (hosts_compare(key, &lineage->kin[end].key) != 0)
                break;
        if (key->protocol == OUTCOME_ESP)
            decide_ports(lineage, &lineage->order[at], end - at);
    }
}

static void name_lineages(struct lineage *lineage)
{
    for (size_t i = 0; i < lineage->count; i++) {
        struct kin *kin = &lineage->kin[i];
        const struct kin *first = lineage_first_of(lineage, kin);

        if (kin->is_frozen)
            continue;
        if (first->is_frozen)
            kin->bonds.root = first->bonds.root;
        else if (first->origin.protocol)
            kin->bonds.root = first->origin;
        else if (kin->bonds.certainty || kin->bonds.is_replaced || kin->generation)
            kin->bonds.root = first->key;
    }
}

void lineage_decide(struct lineage *lineage)
{
    lineage_put_in_order(lineage);
    forget(lineage);
    for (size_t i = 0; i < lineage->ties.count; i++)
        apply_tie(lineage, &lineage->ties.ties[i]);
    decide_hosts(lineage);
    name_lineages(lineage);
}
