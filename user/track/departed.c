/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/departed.h"

#include <stdlib.h>

#include "base/units.h"

void departed_release(struct departed *departed)
{
    free(departed->flows);
    *departed = (struct departed){0};
}

/* Whether A is worse than B: more network loss, or equal and more undetermined loss. */
static int is_worse(const struct flow_change *a, const struct flow_change *b)
{
    const uint64_t *lost = a->figures.lost;
    const uint64_t *other = b->figures.lost;

    if (lost[CAUSE_NETWORK] != other[CAUSE_NETWORK])
        return lost[CAUSE_NETWORK] > other[CAUSE_NETWORK];
    return lost[CAUSE_UNDETERMINED] > other[CAUSE_UNDETERMINED];
}

static void swap(struct flow_change *a, struct flow_change *b)
{
    struct flow_change kept = *a;

    *a = *b;
    *b = kept;
}

/* Moves the last flow of the heap up to its place. The least bad is on top. */
static void rise(struct flow_change *heap, size_t at)
{
    while (at && is_worse(&heap[(at - 1) / 2], &heap[at])) {
        swap(&heap[(at - 1) / 2], &heap[at]);
        at = (at - 1) / 2;
    }
}

/* Moves the top of the heap down to its place. */
static void sink(struct flow_change *heap, size_t count)
{
    size_t at = 0;

    for (size_t next = 1; next < count; next = 2 * at + 1) {
        if (next + 1 < count && is_worse(&heap[next], &heap[next + 1]))
            next++;
        if (!is_worse(&heap[at], &heap[next]))
            return;
        swap(&heap[at], &heap[next]);
        at = next;
    }
}

/* Keeps FLOW, which is no longer one of the latest, if it is one of the worst. */
static void keep_if_bad(struct departed *departed, const struct flow_change *flow)
{
    struct flow_change *heap = departed->flows + DEPARTED_LATEST;

    if (departed->worst < DEPARTED_WORST) {
        heap[departed->worst] = *flow;
        rise(heap, departed->worst++);
    } else if (is_worse(flow, heap)) {
        heap[0] = *flow;
        sink(heap, departed->worst);
    }
}

void departed_add(struct departed *departed, const struct flow_change *flow)
{
    struct flow_change *place;

    if (!departed->flows)
        departed->flows = calloc(DEPARTED_LATEST + DEPARTED_WORST, sizeof(*departed->flows));
    if (!departed->flows)
        return;
    place = &departed->flows[departed->left % DEPARTED_LATEST];
    if (departed->left++ >= DEPARTED_LATEST)
        keep_if_bad(departed, place);
    *place = *flow;
}

static size_t latest(const struct departed *departed)
{
    return departed->left < DEPARTED_LATEST ? (size_t)departed->left : DEPARTED_LATEST;
}

size_t departed_count(const struct departed *departed)
{
    return latest(departed) + departed->worst;
}

struct flow_change *departed_at(const struct departed *departed, size_t index)
{
    size_t count = latest(departed);

    return &departed->flows[index < count ? index : DEPARTED_LATEST + index - count];
}

void departed_shift_time(struct departed *departed, int64_t step_ns)
{
    for (size_t i = 0; i < departed_count(departed); i++) {
        struct flow *flow = &departed_at(departed, i)->flow;

        flow->first_ns = shift_time(flow->first_ns, step_ns);
        flow->timing.last_ns = shift_time(flow->timing.last_ns, step_ns);
    }
}
