/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Numbers in capture files, which have the byte order of the host that wrote them. */
#ifndef GAPWATCH_SOURCE_CAPTURE_FILE_OCTETS_H
#define GAPWATCH_SOURCE_CAPTURE_FILE_OCTETS_H

#include <stdint.h>
#include <string.h>

/* VALUE with its octets in the opposite order. */
static inline uint16_t swap_16(uint16_t value)
{
    return __builtin_bswap16(value);
}

/* As swap_16(). */
static inline uint32_t swap_32(uint32_t value)
{
    return __builtin_bswap32(value);
}

/* The number at AT, which has this machine's byte order unless IS_SWAPPED. */
static inline uint16_t load_16(const unsigned char *at, int is_swapped)
{
    uint16_t value;

    memcpy(&value, at, sizeof(value));
    return is_swapped ? swap_16(value) : value;
}

/* As load_16(). */
static inline uint32_t load_32(const unsigned char *at, int is_swapped)
{
    uint32_t value;

    memcpy(&value, at, sizeof(value));
    return is_swapped ? swap_32(value) : value;
}

/* As load_16(). */
static inline uint64_t load_64(const unsigned char *at, int is_swapped)
{
    uint64_t value;

    memcpy(&value, at, sizeof(value));
    return is_swapped ? __builtin_bswap64(value) : value;
}

#endif
