/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Copies to memory that another processor has in its cache and will read next. */
#ifndef GAPWATCH_BASE_STREAM_COPY_H
#define GAPWATCH_BASE_STREAM_COPY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <emmintrin.h>

/* Copies eight octets past the cache. TO is aligned to eight octets. */
static inline void stream_word(unsigned char *to, const unsigned char *from)
{
    long long word;

    memcpy(&word, from, sizeof(word));
    _mm_stream_si64((long long *)(void *)to, word);
}
#endif

/*
 * Copies OCTETS, a multiple of eight, from FROM to TO. TO is aligned to eight octets, and the two
 * do not overlap. On x86-64 this writes to the memory itself: an ordinary write would first fetch
 * each line from the other processor's cache, which is slow where the processors share no cache.
 */
static inline void stream_copy(void *to, const void *from, size_t octets)
{
#if defined(__x86_64__)
    const unsigned char *source = from;
    unsigned char *target = to;
    size_t i = 0;

    if (octets && (uintptr_t)target % sizeof(__m128i)) {
        stream_word(target, source);
        i = sizeof(uint64_t);
    }
    for (; i + sizeof(__m128i) <= octets; i += sizeof(__m128i))
        _mm_stream_si128((__m128i *)(void *)(target + i),
                         _mm_loadu_si128((const __m128i *)(const void *)(source + i)));
    if (i < octets)
        stream_word(target + i, source + i);
    _mm_sfence(); /* the writes are done before all later ones */
#else
    memcpy(to, from, octets);
#endif
}

#endif
