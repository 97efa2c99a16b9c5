/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Sorts a million flows, most of which have the same loss. Comparing their ids as text would format
 * each id twenty times. So flows are sorted by one number at a time, and the next number is
 * computed only for flows that are equal so far: loss, bytes, then eight characters of the id at a
 * time.
 */
#include "report/order.h"

#include <stdlib.h>
#include <string.h>

#include "flow/id.h"

/* Up to so many times as many flows as are wanted are few. */
#define FEW 8

struct keyed {
    uint64_t key;
    struct listed_flow listed;
};

/* Sorts COUNT flows at RUN. Flows at END and behind need not be in order. */
typedef void (*order_run)(struct keyed *run, size_t count, const struct keyed *end);

static int compare_keys(const void *left, const void *right)
{
    uint64_t a = ((const struct keyed *)left)->key;
    uint64_t b = ((const struct keyed *)right)->key;

    return (a > b) - (a < b);
}

static int is_in_order(const struct keyed *run, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (run[i].key < run[i - 1].key)
            return 0;
    return 1;
}

/* A key such that at least WANTED keys of RUN are not above it, and not many more. Looks at one
 * octet of the keys after the other until few flows remain. */
static uint64_t limit_of(const struct keyed *run, size_t count, size_t wanted)
{
    uint64_t known = 0, mask = 0; /* the limit's first octets, and where they are */
    size_t below = 0;             /* flows that are below all keys with these octets */

    for (int shift = 56; shift >= 0; shift -= 8) {
        size_t with[256] = {0};
        uint64_t octet = 0;

        for (size_t i = 0; i < count; i++)
            if ((run[i].key & mask) == known)
                with[run[i].key >> shift & 0xFF]++;
        while (below + with[octet] < wanted)
            below += with[octet++];
        known |= octet << shift;
        mask |= UINT64_C(0xFF) << shift;
        if (below + with[octet] <= FEW * wanted)
            break;
    }
    return known | ~mask;
}

/* Moves the flows of RUN with the WANTED lowest keys, and few others, to the front. Returns how
 * many these are. */
static size_t move_forward(struct keyed *run, size_t count, size_t wanted)
{
    uint64_t limit = limit_of(run, count, wanted);
    size_t moved = 0;

    for (size_t i = 0; i < count; i++) {
        struct keyed flow = run[i];

        if (flow.key > limit)
            continue;
        run[i] = run[moved];
        run[moved++] = flow;
    }
    return moved;
}

/* Sorts RUN by its keys, and flows with equal keys with ORDER_TIES. Most often all keys are equal,
 * which is found without a sort. */
static void order_by_key(struct keyed *run, size_t count, const struct keyed *end,
                         order_run order_ties)
{
    size_t wanted = (size_t)(end - run);
    size_t start = 0;

    if (!is_in_order(run, count))
        qsort(run, wanted < count / FEW ? move_forward(run, count, wanted) : count, sizeof(*run),
              compare_keys);
    for (size_t i = 1; i <= count && run + start < end; i++) {
        if (i < count && run[i].key == run[start].key)
            continue;
        if (i - start > 1)
            order_ties(run + start, i - start, end);
        start = i;
    }
}

/* The next eight characters of TEXT as a number with the same order. */
static uint64_t key_of_text(const char *text)
{
    uint64_t key = 0;

    for (int i = 0; i < 8; i++) {
        key = key << 8 | (unsigned char)*text;
        if (*text)
            text++;
    }
    return key;
}

/* The number of characters that the ids of all flows of RUN have in common at their start. */
static size_t common_start(const struct keyed *run, size_t count)
{
    char first[FLOW_ID_CHARS], id[FLOW_ID_CHARS];
    size_t common;

    flow_id_format(&run[0].listed.flow->key, first);
    common = strlen(first);
    for (size_t i = 1; i < count; i++) {
        size_t same = 0;

        flow_id_format(&run[i].listed.flow->key, id);
        while (same < common && id[same] == first[same])
            same++;
        common = same;
    }
    return common;
}

static void order_ids(struct keyed *run, size_t count, const struct keyed *end)
{
    size_t start = common_start(run, count);
    uint64_t any = 0;
    char id[FLOW_ID_CHARS];

    for (size_t i = 0; i < count; i++) {
        flow_id_format(&run[i].listed.flow->key, id);
        run[i].key = key_of_text(id + start);
        any |= run[i].key;
    }
    /*
     * When several workers had parts of the same flow, all ids end here, and any order will do.
     * Otherwise at least one id differs, so that every group of equal flows is smaller than this
     * run.
     */
    if (any)
        order_by_key(run, count, end, order_ids);
}

static void order_bytes(struct keyed *run, size_t count, const struct keyed *end)
{
    for (size_t i = 0; i < count; i++)
        run[i].key = ~run[i].listed.flow->bytes;
    order_by_key(run, count, end, order_ids);
}

static void order_undetermined(struct keyed *run, size_t count, const struct keyed *end)
{
    for (size_t i = 0; i < count; i++)
        run[i].key = ~listed_figures(&run[i].listed).lost[CAUSE_UNDETERMINED];
    order_by_key(run, count, end, order_bytes);
}

static void order_lost(struct keyed *run, size_t count, const struct keyed *end)
{
    for (size_t i = 0; i < count; i++)
        run[i].key = ~listed_figures(&run[i].listed).lost[CAUSE_NETWORK];
    order_by_key(run, count, end, order_undetermined);
}

static int order(struct listed_flow *flows, size_t count, size_t wanted, order_run order_first)
{
    struct keyed *run = malloc((count + 1) * sizeof(*run));

    if (!run)
        return -1;
    for (size_t i = 0; i < count; i++)
        run[i] = (struct keyed){.listed = flows[i]};
    if (count > 1)
        order_first(run, count, run + wanted);
    for (size_t i = 0; i < count; i++)
        flows[i] = run[i].listed;
    free(run);
    return 0;
}

int order_by_loss(struct listed_flow *flows, size_t count, size_t wanted)
{
    return order(flows, count, wanted, order_lost);
}

int order_by_id(struct listed_flow *flows, size_t count)
{
    return order(flows, count, count, order_ids);
}
