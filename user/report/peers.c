/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report/peers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flow/figures.h"
#include "flow/peers.h"

#define PAIRS_SHOWN 50 /* more help no reader; the API has all */

/* The flows from one peer to another. */
struct pair {
    struct peers peers;
    uint64_t flows;
    uint64_t packets;
    uint64_t lost[CAUSE_COUNT];
};

static int compare_peers(const void *left, const void *right)
{
    const struct pair *a = left;
    const struct pair *b = right;
    int sources = strcmp(a->peers.source, b->peers.source);

    return sources ? sources : strcmp(a->peers.destination, b->peers.destination);
}

static int compare_loss(const void *left, const void *right)
{
    const struct pair *a = left;
    const struct pair *b = right;

    if (a->lost[CAUSE_NETWORK] != b->lost[CAUSE_NETWORK])
        return a->lost[CAUSE_NETWORK] < b->lost[CAUSE_NETWORK] ? 1 : -1;
    if (a->packets != b->packets)
        return a->packets < b->packets ? 1 : -1;
    return compare_peers(left, right);
}

/* Makes a pair of each flow with numbers. Returns their number. */
static size_t collect(const struct report *report, struct pair *pairs)
{
    size_t count = 0;

    for (size_t i = 0; i < report->flow_count; i++) {
        const struct listed_flow *listed = &report->flows[i];
        struct sequence_figures figures;
        struct pair *pair = &pairs[count];

        if (!listed_has_sequence(listed))
            continue;
        figures = listed_figures(listed);
        *pair = (struct pair){.flows = 1, .packets = listed->flow->packets};
        memcpy(pair->lost, figures.lost, sizeof(pair->lost));
        peers_format(&listed->flow->key, &pair->peers);
        count++;
    }
    return count;
}

/* Joins the COUNT pairs that have the same peers, and sorts them by loss. Returns their number. */
static size_t join(struct pair *pairs, size_t count)
{
    size_t joined = 0;

    qsort(pairs, count, sizeof(*pairs), compare_peers);
    for (size_t i = 0; i < count; i++) {
        struct pair *pair = joined ? &pairs[joined - 1] : NULL;

        if (!pair || compare_peers(pair, &pairs[i]) != 0) {
            pairs[joined++] = pairs[i];
            continue;
        }
        pair->flows++;
        pair->packets += pairs[i].packets;
        for (int cause = 0; cause < CAUSE_COUNT; cause++)
            pair->lost[cause] += pairs[i].lost[cause];
    }
    qsort(pairs, joined, sizeof(*pairs), compare_loss);
    return joined;
}

static const char *peer_word(const char *peer)
{
    return *peer ? peer : "not known";
}

static void write_pairs(const struct pair *pairs, size_t count, FILE *to)
{
    if (!count)
        fputs("  None\n", to);
    else
        fprintf(to, "  %10s %10s %8s %12s %8s  %s\n", "Lost", "Undet.", "Loss %", "Packets",
                "Flows", "From -> to");
    for (size_t i = 0; i < count && i < PAIRS_SHOWN; i++) {
        const struct pair *pair = &pairs[i];
        uint64_t lost = pair->lost[CAUSE_NETWORK];

        fprintf(to, "  %10" PRIu64 " %10" PRIu64 " %8.3f %12" PRIu64 " %8" PRIu64 "  %s -> %s\n",
                lost, pair->lost[CAUSE_UNDETERMINED],
                100.0 * (double)lost / (double)(lost + pair->packets), pair->packets, pair->flows,
                peer_word(pair->peers.source), peer_word(pair->peers.destination));
    }
    if (count > PAIRS_SHOWN)
        fprintf(to, "  %zu more pairs with less loss\n", count - PAIRS_SHOWN);
}

void peers_write_table(const struct report *report, FILE *to)
{
    struct pair *pairs = malloc((report->flow_count + 1) * sizeof(*pairs));

    fputs("\nPeers:\n======\n", to);
    if (!pairs) {
        fputs("  Not enough memory\n", to);
        return;
    }
    write_pairs(pairs, join(pairs, collect(report, pairs)), to);
    free(pairs);
}
