/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/pool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/prefetch.h"

#define HUGE_PAGE_BYTES ((size_t)2 << 20)

/* The first chunk is allocated alone, since most pools need no other; all others in groups, which
 * fill huge pages. The system gives memory to a page when it is used, not before. */
#define GROUP_CHUNKS 32

static int is_first_of_group(uint32_t chunk)
{
    return !chunk || (chunk - 1) % GROUP_CHUNKS == 0;
}

int pool_init(struct pool *pool, size_t element_bytes, uint32_t limit)
{
    size_t chunks = ((size_t)limit >> POOL_CHUNK_SHIFT) + 1;

    *pool = (struct pool){.element_bytes = element_bytes, .limit = limit, .used_end = 1};
    pool->chunks = calloc(chunks, sizeof(*pool->chunks));
    return pool->chunks ? 0 : -1;
}

void pool_release(struct pool *pool)
{
    if (pool->chunks) {
        for (uint32_t i = 0; i <= pool->limit >> POOL_CHUNK_SHIFT; i++)
            if (is_first_of_group(i))
                free(pool->chunks[i]);
    }
    free(pool->chunks);
    *pool = (struct pool){0};
}

/* Allocates BYTES, in huge pages as far as they fill them. Returns NULL: no memory. */
static char *allocate_huge(size_t bytes)
{
    void *memory;

    if (posix_memalign(&memory, HUGE_PAGE_BYTES, bytes) != 0)
        return NULL;
#if defined(MADV_HUGEPAGE)
    madvise(memory, bytes - bytes % HUGE_PAGE_BYTES, MADV_HUGEPAGE); /* small pages do as well */
#endif
    return memory;
}

/* Allocates the chunk of HANDLE where it is not there yet, and those of its group. Returns 0, or
 * -1: no memory. */
static int pool_reach(struct pool *pool, uint32_t handle)
{
    uint32_t chunk = handle >> POOL_CHUNK_SHIFT;
    uint32_t last = pool->limit >> POOL_CHUNK_SHIFT;
    size_t bytes = pool->element_bytes << POOL_CHUNK_SHIFT;
    char *memory;

    if (pool->chunks[chunk])
        return 0;
    memory = chunk ? allocate_huge(bytes * GROUP_CHUNKS) : aligned_alloc(CACHE_LINE_BYTES, bytes);
    if (!memory)
        return -1;
    pool->chunks[chunk] = memory;
    for (uint32_t i = 1; chunk && i < GROUP_CHUNKS && chunk + i <= last; i++)
        pool->chunks[chunk + i] = memory + i * bytes;
    return 0;
}

uint32_t pool_take(struct pool *pool)
{
    uint32_t handle = pool->free;

    if (handle != POOL_NONE) {
        memcpy(&pool->free, pool_at(pool, handle), sizeof(pool->free));
    } else {
        handle = pool->used_end;
        if (handle > pool->limit || pool_reach(pool, handle) < 0)
            return POOL_NONE;
        pool->used_end++;
    }
    pool->count++;
    return handle;
}

void pool_return(struct pool *pool, uint32_t handle)
{
    memcpy(pool_at(pool, handle), &pool->free, sizeof(pool->free));
    pool->free = handle;
    pool->count--;
}
