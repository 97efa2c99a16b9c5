/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A bounds-checked walk over one frame. Two ends matter: where the captured octets end, and where
 * the frame (or the IP packet in it) ended on the wire. Running past the first means that the snap
 * length cut the frame; running past the second means that the frame itself is too short.
 *
 * The position is apart from the pointers so that in BPF it can lie in memory of which the verifier
 * tracks no values: it then proves each step once, for every position, instead of once for each of
 * the thousands of ways there.
 */
#ifndef GAPWATCH_CURSOR_H
#define GAPWATCH_CURSOR_H

#include "outcome.h"
#include "types.h"

/* The longest way to a payload that the parsers allow is 17 KB; the verifier wants a bound. */
#define CURSOR_OFFSET_MAX 0x7FFF

struct position {
    __u32 offset; /* of the next octet */
    __u32 left;   /* octets from there on that were on the wire */
};

struct cursor {
    const __u8 *data; /* the captured octets */
    const __u8 *end;  /* one past the last of them */
    struct position *at;
};

/* Where COUNT octets start at the cursor, which stays, or NULL. cursor_shortfall() says why. */
static __always_inline const __u8 *cursor_peek(const struct cursor *cursor, __u32 count)
{
    __u32 offset;

#if defined(__bpf__)
    /* Read the position anew, or the compiler's knowledge of it becomes the verifier's. */
    __asm__ volatile("" ::: "memory");
#endif
    offset = cursor->at->offset;
    if (cursor->at->left < count || offset > CURSOR_OFFSET_MAX)
        return 0;
#if defined(__bpf__)
    if (cursor->data + offset + count > cursor->end) /* the form that the verifier knows */
        return 0;
#else
    if ((__u64)(cursor->end - cursor->data) < (__u64)offset + count)
        return 0;
#endif
    return cursor->data + offset;
}

/* The same, and the cursor moves behind them. */
static __always_inline const __u8 *cursor_take(struct cursor *cursor, __u32 count)
{
    const __u8 *taken = cursor_peek(cursor, count);

    if (taken) {
        cursor->at->offset += count;
        cursor->at->left -= count;
    }
    return taken;
}

/* Why COUNT octets could not be taken. */
static __always_inline enum outcome cursor_shortfall(const struct cursor *cursor, __u32 count)
{
    return cursor->at->left < count ? OUTCOME_MALFORMED : OUTCOME_TRUNCATED;
}

/* A length field says that only LENGTH octets follow; what is behind them is padding. */
static __always_inline void cursor_limit(struct cursor *cursor, __u32 length)
{
    if (length < cursor->at->left)
        cursor->at->left = length;
}

#endif
