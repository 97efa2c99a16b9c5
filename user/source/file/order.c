/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"

/* How much later than the start of its capture the first frame of a file may come. */
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

/* --- files of several interfaces --- */

struct line_place {
    uint64_t first_ns; /* of the line's origin */
    struct file_entry *file;
};

/* The files that have frames of one origin, in the order of the first of these. */
struct line {
    struct line_place *places;
    size_t count;
    size_t passed; /* files that have been placed, from the first on */
};

static int compare_places(const void *left, const void *right)
{
    const struct line_place *a = left;
    const struct line_place *b = right;

    if (a->first_ns != b->first_ns)
        return a->first_ns < b->first_ns ? -1 : 1;
    return a->file < b->file ? -1 : 1;
}

/* Makes the LINE of ORIGIN. Returns 0, or -1: no memory. */
static int make_line(struct line *line, unsigned origin, struct file_entry *entries, size_t count)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        found += (entries[i].survey.begun & origin_bit(origin)) != 0;
    if (!found)
        return 0;
    line->places = malloc(found * sizeof(*line->places));
    if (!line->places)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (entries[i].survey.begun & origin_bit(origin))
            line->places[line->count++] = (struct line_place){
                .first_ns = entries[i].survey.first_of_ns[origin], .file = &entries[i]};
    qsort(line->places, line->count, sizeof(*line->places), compare_places);
    return 0;
}

/* Whether ENTRY is the first one of all its LINES that has no place yet. */
static int is_next(const struct file_entry *entry, const struct line *lines)
{
    for (uint32_t left = entry->survey.begun; left; left &= left - 1) {
        const struct line *line = &lines[__builtin_ctz(left)];

        if (line->places[line->passed].file != entry)
            return 0;
    }
    return 1;
}

/* ENTRY has a place now. */
static void pass(struct file_entry *entry, struct line *lines)
{
    entry->is_placed = 1;
    for (uint32_t left = entry->survey.begun; left; left &= left - 1) {
        struct line *line = &lines[__builtin_ctz(left)];

        while (line->passed < line->count && line->places[line->passed].file->is_placed)
            line->passed++;
    }
}

/* Copies the entries, which are in the order of their first frames, to PLACED so that LINES are
 * kept. */
static void place_by_lines(struct file_entry *entries, size_t count, struct line *lines,
                           struct file_entry *placed)
{
    size_t first = 0; /* that has no place yet */

    for (size_t i = 0; i < count; i++) {
        size_t next;

        while (entries[first].is_placed)
            first++;
        for (next = first; next < count; next++)
            if (!entries[next].is_placed && is_next(&entries[next], lines))
                break;
        if (next == count)
            next = first; /* a contradiction */
        pass(&entries[next], lines);
        placed[i] = entries[next];
    }
}

/* Brings the entries, which are in the order of their first frames, into that of the first frames
 * of each interface. Without memory they stay as they are. */
static void order_by_interface(struct file_entry *entries, size_t count)
{
    struct line lines[ORIGINS_MAX] = {0};
    struct file_entry *placed = calloc(count, sizeof(*placed));
    int has_memory = placed != NULL;

    for (unsigned i = 0; i < ORIGINS_MAX && has_memory; i++)
        has_memory = make_line(&lines[i], i, entries, count) == 0;
    if (has_memory) {
        place_by_lines(entries, count, lines, placed);
        memcpy(entries, placed, count * sizeof(*entries));
    }
    for (unsigned i = 0; i < ORIGINS_MAX; i++)
        free(lines[i].places);
    free(placed);
}

int order_by_first_frame(struct file_entry *entries, size_t count)
{
    uint32_t begun = 0;

    place_timeless(entries, count);
    if (count)
        qsort(entries, count, sizeof(*entries), compare);
    for (size_t i = 0; i < count; i++)
        begun |= entries[i].survey.begun;
    if (begun)
        order_by_interface(entries, count);
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
            continue; /* the capture of another program */
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
