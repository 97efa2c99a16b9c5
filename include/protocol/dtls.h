/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * DTLS 1.0 and 1.2 records, RFC 6347 section 4.1, in UDP on any port. Big-endian. A datagram may
 * hold several.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   | content type  |   version FE FF or FE FD      | epoch ...     |
 *   | ... epoch     |      sequence number, from 0 (48)             |
 *   |                               | length                        |
 *   | the record, of that length ...
 *
 * With a connection id (RFC 9146 section 4) the content type is 25, and the id stands in front of
 * the length. How long it is was agreed on in the handshake, so such a record is taken to be the
 * only one of its datagram.
 *
 * Each epoch, that is each key, has numbers of its own. DTLS 1.3 encrypts its numbers (RFC 9147
 * section 4.2.3), so its flows stay UDP behind the handshake.
 */
#ifndef GAPWATCH_PROTOCOL_DTLS_H
#define GAPWATCH_PROTOCOL_DTLS_H

#include "frame.h"

#define DTLS_HEADER_BYTES 13
#define DTLS_TYPE_FIRST   20 /* change_cipher_spec */
#define DTLS_TYPE_LAST    25 /* with a connection id */
#define DTLS_TYPE_CID     25
#define DTLS_LENGTH_MAX   (16384 + 2048) /* RFC 6347 4.1 and RFC 5246 6.2.3 */
#define DTLS_VERSION_1_0  0xFEFF
#define DTLS_VERSION_1_2  0xFEFD
#define DTLS_RECORDS_MAX  16 /* of a datagram that are read */

/* Whether a datagram with the first four octets WORD may be DTLS. */
#define DTLS_MAY_BE(word)                                                                          \
    ((word) >> 24 >= DTLS_TYPE_FIRST && (word) >> 24 <= DTLS_TYPE_LAST &&                          \
     (((word) >> 8 & 0xFFFF) == DTLS_VERSION_1_2 || ((word) >> 8 & 0xFFFF) == DTLS_VERSION_1_0))

/* The length of the record that has HEADER and of which LEFT octets, with the header, are in its
 * datagram. 0: it is none. */
static __always_inline __u32 dtls_length(const __u8 *header, __u32 left)
{
    __u32 length = load_be16(header + 11);

    if (header[0] == DTLS_TYPE_CID && left > DTLS_HEADER_BYTES)
        length = left - DTLS_HEADER_BYTES;
    if (!DTLS_MAY_BE(load_be32(header)) || length > DTLS_LENGTH_MAX || left < DTLS_HEADER_BYTES ||
        length > left - DTLS_HEADER_BYTES)
        return 0;
    return length;
}

/* Reads HEADER of a record, at AT in its datagram: fills in the numbers of RECORD, and moves AT
 * behind the record. Returns 0, or -1: it is none. */
static __always_inline int dtls_read(const __u8 *header, struct position *at,
                                     struct frame_record *record)
{
    __u32 length = dtls_length(header, at->left);

    if (!length)
        return -1;
    record->association = header[4];
    record->sequence = load_be48(header + 5);
    at->offset += DTLS_HEADER_BYTES + length;
    at->left -= DTLS_HEADER_BYTES + length;
    return 0;
}

/* Returns DTLS, or OUTCOME_NONE: the datagram is not DTLS. Only its first record is read. */
static __always_inline enum outcome dtls_classify(struct frame *frame)
{
    const __u8 *header = cursor_peek(&frame->cursor, DTLS_HEADER_BYTES);

    if (!header)
        return OUTCOME_NONE;
    frame->cursor.at->left = frame->walk->datagram;
    return dtls_read(header, frame->cursor.at, frame->record) < 0 ? OUTCOME_NONE : OUTCOME_DTLS;
}

/* Whether another record may follow the one that WALK and RECORD describe. */
static __always_inline int dtls_goes_on(const struct walk *walk, const struct frame_record *record)
{
    return record->key.protocol == OUTCOME_DTLS && walk->position.left >= DTLS_HEADER_BYTES;
}

/* Makes RECORD, that of the first record of a datagram, the one of a further record with HEADER, at
 * AT. Returns as dtls_read() does. */
static __always_inline int dtls_read_further(const __u8 *header, struct position *at,
                                             struct frame_record *record)
{
    record->wire_packets = 0;
    record->wire_bytes = 0;
    return dtls_read(header, at, record);
}

/* Notes in RECORD that further records of its datagram could not be read: numbers that seem to be
 * missing may be theirs. */
static __always_inline void dtls_note_unread(struct frame_record *record)
{
    record->flags |= RECORD_MERGED;
}

#endif
