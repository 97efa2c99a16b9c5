/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A bounded pool of elements of one size. It grows by whole chunks, up to its limit, and never
 * moves an element; what is returned is used again first. Handles are half the size of pointers.
 */
#ifndef GAPWATCH_BASE_POOL_H
#define GAPWATCH_BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

#define POOL_CHUNK_SHIFT 12
#define POOL_CHUNK_MASK  ((1u << POOL_CHUNK_SHIFT) - 1)
#define POOL_NONE        0u /* no element has this handle */

struct pool {
    size_t element_bytes;
    uint32_t limit;    /* elements at most */
    uint32_t used_end; /* every handle below was given out at least once */
    uint32_t free;     /* the last one returned, which names the one before it; or POOL_NONE */
    uint32_t count;    /* elements now in use */
    char **chunks;
};

/* A pool of at most LIMIT elements of ELEMENT_BYTES (at least 4) each. Returns 0, or -1: no memory.
 */
int pool_init(struct pool *pool, size_t element_bytes, uint32_t limit);

/* Frees every element. Takes a pool of zeros too. */
void pool_release(struct pool *pool);

/* Returns the handle of an element with undefined contents, or POOL_NONE: limit or memory reached.
 */
uint32_t pool_take(struct pool *pool);

void pool_return(struct pool *pool, uint32_t handle);

/* The element of HANDLE, which must be in use. */
static inline void *pool_at(const struct pool *pool, uint32_t handle)
{
    return pool->chunks[handle >> POOL_CHUNK_SHIFT] +
           (handle & POOL_CHUNK_MASK) * pool->element_bytes;
}

#endif
