/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Reads numbers and addresses from a frame, where they may lie at any alignment and are in network
 * byte order, some little-endian. The caller has checked the bounds (cursor.h). BPF allows
 * unaligned loads; elsewhere only memcpy is defined, and it compiles to the same single load.
 */
#ifndef GAPWATCH_BYTES_H
#define GAPWATCH_BYTES_H

#include "types.h"

#if defined(__bpf__)
#define LOAD_RAW(type, from)       (*(const type *)(from))
#define STORE_RAW(type, to, value) (*(type *)(to) = (value))
#else
#include <string.h>
#define LOAD_RAW(type, from)                                                                       \
    __extension__({                                                                                \
        type raw_;                                                                                 \
        memcpy(&raw_, (from), sizeof(raw_));                                                       \
        raw_;                                                                                      \
    })
#define STORE_RAW(type, to, value)                                                                 \
    do {                                                                                           \
        type stored_ = (value);                                                                    \
        memcpy((to), &stored_, sizeof(stored_));                                                   \
    } while (0)
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BIG_ENDIAN_16(raw)    __builtin_bswap16(raw)
#define BIG_ENDIAN_32(raw)    __builtin_bswap32(raw)
#define BIG_ENDIAN_64(raw)    __builtin_bswap64(raw)
#define LITTLE_ENDIAN_16(raw) (raw)
#define LITTLE_ENDIAN_32(raw) (raw)
#define LITTLE_ENDIAN_64(raw) (raw)
#else
#define BIG_ENDIAN_16(raw)    (raw)
#define BIG_ENDIAN_32(raw)    (raw)
#define BIG_ENDIAN_64(raw)    (raw)
#define LITTLE_ENDIAN_16(raw) __builtin_bswap16(raw)
#define LITTLE_ENDIAN_32(raw) __builtin_bswap32(raw)
#define LITTLE_ENDIAN_64(raw) __builtin_bswap64(raw)
#endif

/* The big-endian number that starts at FROM, in host byte order. */
static __always_inline __u16 load_be16(const __u8 *from)
{
    return BIG_ENDIAN_16(LOAD_RAW(__u16, from));
}

/* As load_be16(). */
static __always_inline __u32 load_be32(const __u8 *from)
{
    return BIG_ENDIAN_32(LOAD_RAW(__u32, from));
}

/* As load_be16(). */
static __always_inline __u64 load_be64(const __u8 *from)
{
    return BIG_ENDIAN_64(LOAD_RAW(__u64, from));
}

/* The little-endian number that starts at FROM. */
static __always_inline __u16 load_le16(const __u8 *from)
{
    return LITTLE_ENDIAN_16(LOAD_RAW(__u16, from));
}

/* As load_le16(). */
static __always_inline __u32 load_le32(const __u8 *from)
{
    return LITTLE_ENDIAN_32(LOAD_RAW(__u32, from));
}

/* As load_le16(). */
static __always_inline __u64 load_le64(const __u8 *from)
{
    return LITTLE_ENDIAN_64(LOAD_RAW(__u64, from));
}

/* The big-endian number of 48 bits at FROM, like a MAC address. */
static __always_inline __u64 load_be48(const __u8 *from)
{
    return (__u64)load_be16(from) << 32 | load_be32(from + 2);
}

/* Copies an address, which stays a string of octets in network order. TO is aligned to
 * four octets. */
static __always_inline void copy_octets_4(__u8 *to, const __u8 *from)
{
    STORE_RAW(__u32, to, LOAD_RAW(__u32, from));
}

/* As copy_octets_4(), for an IPv6 address. */
static __always_inline void copy_octets_16(__u8 *to, const __u8 *from)
{
    copy_octets_4(to, from);
    copy_octets_4(to + 4, from + 4);
    copy_octets_4(to + 8, from + 8);
    copy_octets_4(to + 12, from + 12);
}

#endif
