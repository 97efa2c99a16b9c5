/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A bounded pool of elements of one size. It grows by chunks up to its limit and never moves an
 * element. Elements that were returned are used again first. A handle takes half the memory of a
 * pointer.
 *
 * Chunks behind the first lie in huge pages where the system has them: when thousands of elements
 * are visited at random, looking up the addresses of small pages takes longer than the visit.
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
    uint32_t limit;    /* the pool never has more elements */
    uint32_t used_end; /* all handles below were given out at least once */
    uint32_t free;     /* the element returned last, which holds the handle of the one before it; or
                          POOL_NONE */
    uint32_t count;    /* elements in use */
    char **chunks;
};

/* Makes POOL empty, for at most LIMIT elements of ELEMENT_BYTES (at least 4) each. Returns 0, or
 * -1: no memory. */
int pool_init(struct pool *pool, size_t element_bytes, uint32_t limit);

/* Frees all elements. POOL may be all zeros. */
void pool_release(struct pool *pool);

/* Returns the handle of an element of POOL with undefined contents, or POOL_NONE when the limit is
 * reached or memory is short. */
uint32_t pool_take(struct pool *pool);

/* Gives the element of HANDLE back. The handle is invalid afterwards. */
void pool_return(struct pool *pool, uint32_t handle);

/* The element of HANDLE, which must be in use. The pointer is valid until the element is
 * returned. */
static inline void *pool_at(const struct pool *pool, uint32_t handle)
{
    return pool->chunks[handle >> POOL_CHUNK_SHIFT] +
           (handle & POOL_CHUNK_MASK) * pool->element_bytes;
}

#endif
