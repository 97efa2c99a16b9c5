/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Unsigned integers of 128 bits, which compilers for 32-bit processors do not have. */
#ifndef GAPWATCH_BASE_WIDE_H
#define GAPWATCH_BASE_WIDE_H

#include <math.h>
#include <stdint.h>

#if defined(__SIZEOF_INT128__)

typedef unsigned __int128 wide;

/* HIGH times 2^64, plus LOW. */
static inline wide wide_of(uint64_t high, uint64_t low)
{
    return (wide)high << 64 | low;
}

/* The upper 64 bits of A. */
static inline uint64_t wide_high(wide a)
{
    return (uint64_t)(a >> 64);
}

/* The lower 64 bits of A. */
static inline uint64_t wide_low(wide a)
{
    return (uint64_t)a;
}

/* A plus B, modulo 2^128. */
static inline wide wide_add(wide a, wide b)
{
    return a + b;
}

/* A minus B, modulo 2^128. */
static inline wide wide_subtract(wide a, wide b)
{
    return a - b;
}

/* A times B, which always fits. */
static inline wide wide_product(uint64_t a, uint64_t b)
{
    return (wide)a * b;
}

#else

typedef struct {
    uint64_t high, low;
} wide;

/* HIGH times 2^64, plus LOW. */
static inline wide wide_of(uint64_t high, uint64_t low)
{
    return (wide){high, low};
}

/* The upper 64 bits of A. */
static inline uint64_t wide_high(wide a)
{
    return a.high;
}

/* The lower 64 bits of A. */
static inline uint64_t wide_low(wide a)
{
    return a.low;
}

/* A plus B, modulo 2^128. */
static inline wide wide_add(wide a, wide b)
{
    uint64_t low = a.low + b.low;

    return (wide){a.high + b.high + (low < a.low), low};
}

/* A minus B, modulo 2^128. */
static inline wide wide_subtract(wide a, wide b)
{
    return (wide){a.high - b.high - (a.low < b.low), a.low - b.low};
}

/* A times B, which always fits: multiplies halves of 32 bits, as on paper. */
static inline wide wide_product(uint64_t a, uint64_t b)
{
    uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX);
    uint64_t middle = (a >> 32) * (b & UINT32_MAX) + (low >> 32);
    uint64_t other = (a & UINT32_MAX) * (b >> 32) + (middle & UINT32_MAX);

    return (wide){(a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32),
                  other << 32 | (low & UINT32_MAX)};
}

#endif

/* A times B, modulo 2^128. */
static inline wide wide_times(wide a, uint64_t b)
{
    return wide_add(wide_product(wide_low(a), b), wide_of(wide_high(a) * b, 0));
}

/* A, rounded to 53 bits. */
static inline double wide_to_double(wide a)
{
    return ldexp((double)wide_high(a), 64) + (double)wide_low(a);
}

/* VALUE, from 0 to 2^128, rounded down. */
static inline wide wide_from_double(double value)
{
    double high = floor(ldexp(value, -64));

    return wide_of((uint64_t)high, (uint64_t)(value - ldexp(high, 64)));
}

#endif
