/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Common to TCP and UDP: both start with the two ports, and addresses and ports make the flow. Only
 * the ports are read, so that a capture with a short snap length still shows its flows. */
#ifndef GAPWATCH_PROTOCOL_PORTS_H
#define GAPWATCH_PROTOCOL_PORTS_H

#include "frame.h"

#define PORTS_BYTES 4

/* Fills in the ports. Returns OUTCOME, or why the ports could not be read. */
static __always_inline enum outcome ports_parse(struct frame *frame, enum outcome outcome)
{
    __u32 offset = frame->cursor.at->offset;
    const __u8 *ports = cursor_take(&frame->cursor, PORTS_BYTES);

    if (!ports)
        return cursor_shortfall(&frame->cursor, PORTS_BYTES);
    frame->walk->transport = offset;
    frame->record->key.source_port = load_be16(ports);
    frame->record->key.destination_port = load_be16(ports + 2);
    return outcome;
}

#endif
