/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The order in which files are read, and files that are read at once. */
#ifndef GAPWATCH_SOURCE_FILE_ORDER_H
#define GAPWATCH_SOURCE_FILE_ORDER_H

#include <stddef.h>

#include "source/file/entry.h"

/* Sorts COUNT entries by the time of their first frames; files without a frame come last, files
 * with equal times keep their order. A program that captures on several interfaces writes their
 * frames in turns of some 100 ms, so files of several interfaces are sorted by the first frames of
 * each interface, unless two interfaces contradict each other. The member `index` has the place
 * before. Returns whether files that the user named changed their order; files without frames and
 * those of one directory do not count. */
int order_by_first_frame(struct file_entry *entries, size_t count);

/* The statistics at the end of a capture cover all files of a ring. When they report lost frames of
 * an interface, marks the earlier files among COUNT entries (in order of time), because the frames
 * may have been lost there. */
void order_mark_losing(struct file_entry *entries, size_t count, struct origins *origins);

/* A heap of entries: the one with the earliest next frame is on top. */
struct order_heap {
    struct file_entry **entries;
    size_t count;
};

/* Builds HEAP of COUNT ENTRIES by their `next_ns`. Returns 0, or -1: no memory. */
int order_heap_init(struct order_heap *heap, struct file_entry *entries, size_t count);
/* Restores the order of HEAP after the time of the top entry changed. If the top entry is done,
 * removes it instead. */
void order_heap_settle(struct order_heap *heap);

/* Frees HEAP, but not its entries. */
void order_heap_release(struct order_heap *heap);

#endif
