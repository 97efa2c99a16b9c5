/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Prefetches memory into the cache. */
#ifndef GAPWATCH_BASE_PREFETCH_H
#define GAPWATCH_BASE_PREFETCH_H

#include <stddef.h>

#define CACHE_LINE_BYTES 64

/* Prefetches the cache line of MEMORY. The empty statement is a side effect: without one, gcc
 * removes calls of a function that does nothing but prefetch. */
static inline void prefetch_line(const void *memory)
{
    __builtin_prefetch(memory);
    __asm__ volatile("");
}

/* Prefetches BYTES at MEMORY, which may begin in the middle of a cache line. */
static inline void prefetch_memory(const void *memory, size_t bytes)
{
    const char *octets = memory;

    for (size_t offset = 0; offset < bytes; offset += CACHE_LINE_BYTES)
        prefetch_line(octets + offset);
    prefetch_line(octets + bytes - 1);
}

#endif
