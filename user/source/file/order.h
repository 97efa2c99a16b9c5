/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The order in which files are read, and files that are read at once. */
#ifndef GAPWATCH_SOURCE_FILE_ORDER_H
#define GAPWATCH_SOURCE_FILE_ORDER_H

#include <stddef.h>

#include "source/file/entry.h"

/*
 * Sorts COUNT entries by the time of their first frames; files without a frame come last, equal
 * ones stay as they are. A program that captures on several interfaces writes their frames in turns
 * of some 100 ms, so files of several interfaces are in the order of the first frames of each, as
 * far as that is not a contradiction. Their `index` is the place before. Returns whether that
 * changed the order of what the user gave, of which files without frames and the files of one
 * directory are none.
 */
int order_by_first_frame(struct file_entry *entries, size_t count);

/* An interface that says at the end of its capture that it lost frames may have lost them in the
 * earlier files of a ring, too: of COUNT entries in order of time, marks these. */
void order_mark_losing(struct file_entry *entries, size_t count, struct origins *origins);

/* A heap of entries: the one with the earliest next frame is on top. */
struct order_heap {
    struct file_entry **entries;
    size_t count;
};

/* Builds HEAP of COUNT ENTRIES by their `next_ns`. Returns 0, or -1: no memory. */
int order_heap_init(struct order_heap *heap, struct file_entry *entries, size_t count);
/* Restores the order after the time of the entry on top changed, or it IS_DONE: then it leaves. */
void order_heap_settle(struct order_heap *heap);
void order_heap_release(struct order_heap *heap);

#endif
