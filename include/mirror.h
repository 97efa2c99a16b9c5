/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A tunnel that numbers its frames (ERSPAN, GRE) shows which of them were lost between the mirror
 * and the sensor. These are not network loss. A frame from such a tunnel has a second record, ahead
 * of its own, with the tunnel and its number. */
#ifndef GAPWATCH_MIRROR_H
#define GAPWATCH_MIRROR_H

#include "frame.h"

/* The record of a mirror's number: FRAME came with SEQUENCE in the tunnel IDENTIFIER between the
 * addresses of its IP header, the outermost one. */
static __always_inline void mirror_note(struct frame *frame, __u32 identifier, __u32 sequence)
{
    struct walk *walk = frame->walk;
    struct frame_record *mirror = &walk->mirror;

    if (walk->tunnels)
        return;
    mirror->key = frame->record->key;
    mirror->key.protocol = PROTOCOL_MIRROR;
    mirror->key.identifier = identifier;
    mirror->wire_bytes = 0;
    mirror->sequence = sequence;
    mirror->association = 0;
    mirror->flags = 0;
    mirror->wire_packets = 1;
    mirror->ports = 0;
    walk->has_mirror = 1;
}

#endif
