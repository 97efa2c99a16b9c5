/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * AH, RFC 4302 section 2.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |  next header  |    length     |          reserved             |
 *   |               Security Parameters Index (SPI)                 |
 *   |                      Sequence number                          |
 *   |  ICV ...
 *
 * The length is in words of 4 octets, the first two not counted. As with ESP, SPI, destination and
 * source name the SA; an SPI of 0 is never on the wire (2.4). AH in front of a protocol that
 * numbers its frames itself is taken as a tunnel (tunnel/ah.h).
 */
#ifndef GAPWATCH_PROTOCOL_AH_H
#define GAPWATCH_PROTOCOL_AH_H

#include "frame.h"

#define AH_FIXED_BYTES     12
#define AH_WORD_BYTES      4
#define AH_WORDS_UNCOUNTED 2

/* Returns AH, or why the frame is not AH. The cursor stays in front of the header. */
static __always_inline enum outcome ah_classify(struct frame *frame)
{
    const __u8 *header = cursor_peek(&frame->cursor, AH_FIXED_BYTES);

    if (!header)
        return cursor_shortfall(&frame->cursor, AH_FIXED_BYTES);
    if ((header[1] + AH_WORDS_UNCOUNTED) * AH_WORD_BYTES < AH_FIXED_BYTES)
        return OUTCOME_MALFORMED;
    if (!load_be32(header + 4))
        return OUTCOME_OTHER_IP;
    frame->record->key.spi = load_be32(header + 4);
    frame->record->sequence = load_be32(header + 8);
    return OUTCOME_AH;
}

#endif
