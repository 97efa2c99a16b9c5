/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * MPLS label stack, RFC 3032 section 2.1, up to eight entries.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |                Label                  | TC  |S|      TTL      |
 *
 * S marks the last entry. No field states the protocol behind it: see pseudowire.h.
 */
#ifndef GAPWATCH_NETWORK_MPLS_H
#define GAPWATCH_NETWORK_MPLS_H

#include "frame.h"
#include "network/pseudowire.h"

#define MPLS_ENTRY_BYTES 4
#define MPLS_LABELS_MAX  8
#define MPLS_BOTTOM      0x01 /* in the third octet */

/* Whether a label stack follows ETHERTYPE. */
static __always_inline int is_mpls(int ethertype)
{
    return ethertype == ETHERTYPE_MPLS || ethertype == ETHERTYPE_MPLS_MULTICAST;
}

/* Returns the EtherType behind the label stack, INSIDE_LABELS, or STOP(outcome). */
static __always_inline int mpls_parse(struct frame *frame)
{
    UNROLLED
    for (int labels = 0; labels < MPLS_LABELS_MAX; labels++) {
        const __u8 *entry = cursor_take(&frame->cursor, MPLS_ENTRY_BYTES);

        if (!entry)
            return STOP(cursor_shortfall(&frame->cursor, MPLS_ENTRY_BYTES));
        if (entry[2] & MPLS_BOTTOM)
            return behind_labels_parse(frame);
    }
    return STOP(OUTCOME_TOO_DEEP);
}

#endif
