/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/order.h"

#include <stdlib.h>

#include "base/units.h"

/* How much later than its capture the first frame of a file may come. */
#define BEGINS_WITHIN_NS NS_PER_SECOND

static int compare(const void *left, const void *right)
{
    const struct file_entry *a = left;
    const struct file_entry *b = right;

    if (a->survey.first_ns != b->survey.first_ns)
        return a->survey.first_ns < b->survey.first_ns ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

/* Files whose frames have no time stay behind the file that was given before them, or in front of
 * the first one that has times. */
static void place_timeless(struct file_entry *entries, size_t count)
{
    uint64_t before_ns = UINT64_MAX;

    for (size_t i = 0; i < count && before_ns == UINT64_MAX; i++)
        before_ns = entries[i].survey.first_ns;
    for (size_t i = 0; i < count; i++) {
        struct survey *survey = &entries[i].survey;

        if (survey->first_ns == UINT64_MAX && survey->has_frames)
            survey->first_ns = before_ns;
        else if (survey->has_frames)
            before_ns = survey->first_ns;
    }
}

int order_by_first_frame(struct file_entry *entries, size_t count)
{
    place_timeless(entries, count);
    if (count)
        qsort(entries, count, sizeof(*entries), compare);
    for (size_t i = 1; i < count && entries[i].survey.first_ns != UINT64_MAX; i++)
        if (entries[i].given < entries[i - 1].given)
            return 1;
    return 0;
}

/* ORIGIN of entry LAST lost frames in a capture that began at SINCE_NS: marks the files before it.
 */
static void mark_earlier(struct file_entry *entries, size_t last, struct origins *origins,
                         unsigned origin, uint64_t since_ns)
{
    int is_of_one_file = origins->list[origin].file != ORIGIN_OF_ANY_FILE;

    for (size_t i = last; i-- > 0;) {
        struct survey *earlier = &entries[i].survey;
        unsigned same =
            is_of_one_file ? origins_in_file(origins, entries[i].index, origin) : origin;

        if (earlier->first_ns + BEGINS_WITHIN_NS < since_ns || earlier->has_statistics)
            break;
        if (!earlier->is_pcapng)
            continue; /* of another program */
        survey_add_span(earlier, same, 0, UINT64_MAX);
        earlier->is_complete = 1;
    }
}

void order_mark_losing(struct file_entry *entries, size_t count, struct origins *origins)
{
    for (size_t i = 1; i < count; i++)
        for (uint32_t left = entries[i].survey.lossy; left; left &= left - 1) {
            unsigned origin = (unsigned)__builtin_ctz(left);
            uint64_t since_ns = entries[i].survey.of[origin].losing_since_ns;

            if (since_ns)
                mark_earlier(entries, i, origins, origin, since_ns);
        }
}

int order_heap_init(struct order_heap *heap, struct file_entry *entries, size_t count)
{
    heap->entries = malloc(count * sizeof(struct file_entry *));
    if (!heap->entries)
        return -1;
    heap->count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = heap->count++;

        while (at && heap->entries[(at - 1) / 2]->next_ns > entries[i].next_ns) {
            heap->entries[at] = heap->entries[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        heap->entries[at] = &entries[i];
    }
    return 0;
}

/* Of two entries with the same time, the one that comes first in the list is first. */
static int is_before(const struct file_entry *a, const struct file_entry *b)
{
    return a->next_ns != b->next_ns ? a->next_ns < b->next_ns : a < b;
}

void order_heap_settle(struct order_heap *heap)
{
    struct file_entry **entries = heap->entries;
    struct file_entry *moved = entries[0];
    size_t at = 0, child;

    if (moved->is_done)
        moved = entries[--heap->count];
    while ((child = 2 * at + 1) < heap->count) {
        if (child + 1 < heap->count && is_before(entries[child + 1], entries[child]))
            child++;
        if (!is_before(entries[child], moved))
            break;
        entries[at] = entries[child];
        at = child;
    }
    entries[at] = moved;
}

void order_heap_release(struct order_heap *heap)
{
    free(heap->entries);
    *heap = (struct order_heap){0};
}
