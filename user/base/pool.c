/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

#define CACHE_LINE_BYTES 64

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
        for (size_t i = 0; i <= pool->limit >> POOL_CHUNK_SHIFT; i++)
            free(pool->chunks[i]);
    }
    free(pool->chunks);
    *pool = (struct pool){0};
}

/* Allocates the chunk of HANDLE where it is not there yet. Returns 0, or -1: no memory. */
static int pool_reach(struct pool *pool, uint32_t handle)
{
    char **chunk = &pool->chunks[handle >> POOL_CHUNK_SHIFT];
    size_t bytes = pool->element_bytes << POOL_CHUNK_SHIFT;

    if (!*chunk)
        *chunk = aligned_alloc(CACHE_LINE_BYTES, bytes);
    return *chunk ? 0 : -1;
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
