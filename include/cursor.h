/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A bounds-checked walk over one frame. Two limits matter: where the captured octets end, and where
 * the frame (or the IP packet in it) ended on the wire. A header that passes the first was cut by
 * the snap length; one that passes the second is malformed.
 *
 * The position is kept apart from the pointers, so that BPF can hold it in map memory, whose values
 * the verifier does not track. The verifier then proves each step once, not once for each of the
 * thousands of paths that lead to it.
 */
#ifndef GAPWATCH_CURSOR_H
#define GAPWATCH_CURSOR_H

#include "outcome.h"
#include "types.h"

/* The parsers advance at most 17 KB to a payload. The verifier needs a bound. */
#define CURSOR_OFFSET_MAX 0x7FFF

struct position {
    __u32 offset; /* of the next octet in the frame */
    __u32 left;   /* octets from there to the end of the frame on the wire */
};

struct cursor {
    const __u8 *data; /* the captured octets */
    const __u8 *end;  /* one past the last of them */
    struct position *at;
};

/* The next COUNT octets, or NULL (cursor_shortfall() says why). The cursor does not move. */
static __always_inline const __u8 *cursor_peek(const struct cursor *cursor, __u32 count)
{
    __u32 offset;
#if defined(__bpf__)
    const __u8 *at;

    /* Makes the compiler reload the position, so that the verifier sees no value that it could
     * track. */
    __asm__ volatile("" ::: "memory");
#endif
    offset = cursor->at->offset;
    if (cursor->at->left < count || offset > CURSOR_OFFSET_MAX)
        return 0;
#if defined(__bpf__)
    FORGET(offset); /* or the compiler adds it to the pointer before the check */
    at = cursor->data + offset;
    FORGET(at); /* or it computes it anew behind the check, which the verifier does not see */
    return at + count > cursor->end ? 0 : at;
#else
    if ((__u64)(cursor->end - cursor->data) < (__u64)offset + count)
        return 0;
    return cursor->data + offset;
#endif
}

/* The next COUNT octets, or NULL (cursor_shortfall() says why). The cursor moves past them. */
static __always_inline const __u8 *cursor_take(struct cursor *cursor, __u32 count)
{
    const __u8 *taken = cursor_peek(cursor, count);

    if (taken) {
        cursor->at->offset += count;
        cursor->at->left -= count;
    }
    return taken;
}

/* The outcome of a frame from which COUNT octets could not be taken. */
static __always_inline enum outcome cursor_shortfall(const struct cursor *cursor, __u32 count)
{
    return cursor->at->left < count ? OUTCOME_MALFORMED : OUTCOME_TRUNCATED;
}

/* Applies a length field: only LENGTH octets follow, the rest of the frame is padding. */
static __always_inline void cursor_limit(struct cursor *cursor, __u32 length)
{
    if (length < cursor->at->left)
        cursor->at->left = length;
}

#endif
