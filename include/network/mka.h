/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * MKA, the key agreement of MACsec: IEEE 802.1X-2020 clause 11, in EAPOL packets of type 5. Reads
 * the clear part of its PDUs about a channel. Without the key, this cannot be authenticated.
 *
 *   EAPOL      | version | type = 5 | length (2) |, 11.3
 *
 *   Basic parameter set, the first, 11.11.1
 *              | version | priority | S . . . length (12 bits) | SCI (8) | member id (12) | message
 *              number (4) | agility (4) | name of the CAK ...           S: the sender is key server
 *
 *   Other sets | type | for the type | . . . . length (12 bits) |, padded to 4 octets
 *
 *   SAK use, type 3
 *              latest AN (2 bits), tx, rx, old AN (2 bits), old tx, old rx | plain tx, plain rx, .,
 *              delay protect ... | key server's member id (12) | key number (4) | lowest acceptable
 *              PN (4) | the last three of the old key
 *
 *   Distributed SAK, type 4
 *              AN (2 bits) ... | key number (4) | cipher suite (8), not for GCM-AES-128 | ...
 *
 *   XPN, type 8
 *              ... | upper half of the lowest acceptable PN (4) | of the old key (4)
 *
 * Once all members use a new key and have retired the one before, the new one is called the old
 * key, and there is no latest one (clause 12, the CP state machine's RETIRE). Most PDUs are of this
 * form. The lowest acceptable PN is one of the sender's own channel (9.10, "SAK installation and
 * use"): the others set their receivers by it.
 *
 * A PDU becomes a record of its own (mka_record.h), as a mirror's number does (mirror.h).
 */
#ifndef GAPWATCH_NETWORK_MKA_H
#define GAPWATCH_NETWORK_MKA_H

#include "frame.h"
#include "mka_record.h"

#define ETHERTYPE_EAPOL  0x888E
#define EAPOL_BYTES      4
#define EAPOL_TYPE_MKA   5
#define MKA_SET_BYTES    4 /* header of a parameter set */
#define MKA_BASIC_BYTES  28
#define MKA_SETS_MAX     8
#define MKA_SAK_USE      3
#define MKA_DISTRIBUTED  4
#define MKA_XPN          8
#define MKA_USE_BYTES    40
#define MKA_KEY_BYTES    20 /* of it, about one key */
#define MKA_LATEST_TX    0x20
#define MKA_OLD_TX       0x02
#define MKA_SUITE_BYTES  12 /* key number and cipher suite */
#define MKA_SHORT_BYTES  28 /* of a distributed SAK without cipher suite */
#define MKA_KEY_SERVER   0x80
#define MKA_DELAY        0x10
#define MKA_SUITE_PREFIX 0x0080C20001000000ull /* of the four suites of IEEE 802.1AE, 1 to 4 */

/* Reads the part of a set SAK use that is about one key. */
static __always_inline void mka_read_key(const __u8 *key, struct mka_record *mka)
{
    mka->key_server = load_be64(key);
    mka->key_number = load_be32(key + 12);
    mka->lowest_pn |= load_be32(key + 16);
}

/* Reads the set SAK use: BODY has MKA_USE_BYTES octets, ANS and MORE are the second and third octet
 * of the set's header. */
static __always_inline void mka_read_use(const __u8 *body, __u8 ans, __u8 more,
                                         struct mka_record *mka)
{
    mka->says |= MKA_HAS_USE;
    mka->says |= more & 0x80 ? MKA_PLAIN_TX : 0;
    mka->says |= more & 0x40 ? MKA_PLAIN_RX : 0;
    mka->says |= more & MKA_DELAY ? MKA_DELAY_PROTECT : 0;
    mka->ans = ans;
    if (!(ans & MKA_LATEST_TX) && ans & MKA_OLD_TX) {
        mka->says |= MKA_USES_OLD;
        mka_read_key(body + MKA_KEY_BYTES, mka);
    } else {
        mka_read_key(body, mka);
    }
}

/* Reads the set XPN, whose BODY has eight octets at least: the upper half of the lowest acceptable
 * PN, for the key that the set SAK use, which comes first, named as the one in use. */
static __always_inline void mka_read_upper(const __u8 *body, struct mka_record *mka)
{
    __u64 latest = load_be32(body), old = load_be32(body + 4);

    FORGET(latest); /* else the compiler computes the address in a way that the verifier does not
                       follow */
    FORGET(old);
    mka->lowest_pn |= (mka->says & MKA_USES_OLD ? old : latest) << 32;
}

/* Reads the set Distributed SAK of LENGTH octets, of which BODY has MKA_SUITE_BYTES at least. AN is
 * that of the new key. */
static __always_inline void mka_read_distributed(const __u8 *body, __u32 length, __u8 an,
                                                 struct mka_record *mka)
{
    __u64 suite = load_be64(body + 4);

    mka->says |= MKA_HAS_DISTRIBUTED;
    mka->distributed = an;
    mka->distributed_key = load_be32(body);
    if (length <= MKA_SHORT_BYTES)
        mka->suite = 1;
    else
        mka->suite = suite > MKA_SUITE_PREFIX && suite <= MKA_SUITE_PREFIX + 4
                         ? (__u8)(suite - MKA_SUITE_PREFIX)
                         : 255;
}

/* Takes the next parameter set. Returns 0, or -1: there is none. */
static __always_inline int mka_take_set(struct frame *frame, struct mka_record *mka)
{
    struct cursor *cursor = &frame->cursor;
    const __u8 *header = cursor_take(cursor, MKA_SET_BYTES);
    const __u8 *body;
    __u8 type, second, third;
    __u32 length;

    if (!header)
        return -1;
    type = header[0];
    second = header[1];
    third = header[2];
    length = load_be16(header + 2) & 0xFFF;
    body = cursor_peek(cursor, MKA_SUITE_BYTES);
    if (body && type == MKA_DISTRIBUTED && length >= MKA_SHORT_BYTES)
        mka_read_distributed(body, length, second >> 6, mka);
    if (body && type == MKA_XPN && length >= 8)
        mka_read_upper(body, mka);
    body = cursor_peek(cursor, MKA_USE_BYTES);
    if (body && type == MKA_SAK_USE && length == MKA_USE_BYTES)
        mka_read_use(body, second, third, mka);
    length = (length + 3) & ~3u;
    if (length > cursor->at->left)
        return -1;
    cursor->at->offset += length;
    cursor->at->left -= length;
    return 0;
}

/* Reads an EAPOL packet. If it is MKA, makes its record in the walk. */
static __always_inline void mka_note(struct frame *frame)
{
    struct cursor *cursor = &frame->cursor;
    struct walk *walk = frame->walk;
    struct mka_record *mka = (struct mka_record *)&walk->mirror;
    const __u8 *header = cursor_take(cursor, EAPOL_BYTES);
    __u32 length;

    if (walk->tunnels || walk->has_mirror || !header || header[1] != EAPOL_TYPE_MKA)
        return;
    cursor_limit(cursor, load_be16(header + 2));
    header = cursor_take(cursor, MKA_SET_BYTES + MKA_BASIC_BYTES);
    if (!header)
        return;
    __builtin_memset(mka, 0, sizeof(*mka));
    mka->protocol = PROTOCOL_MKA;
    mka->packets = 1;
    mka->sci = load_be64(header + 4);
    mka->member = load_be64(header + 12);
    mka->vlans = walk->vlans;
    mka->priority = header[1];
    mka->says = header[2] & MKA_KEY_SERVER ? MKA_IS_SERVER : 0;
    length = ((load_be16(header + 2) & 0xFFF) + 3) & ~3u;
    walk->has_mirror = 1;
    if (length < MKA_BASIC_BYTES || length - MKA_BASIC_BYTES > cursor->at->left)
        return;
    cursor->at->offset += length - MKA_BASIC_BYTES;
    cursor->at->left -= length - MKA_BASIC_BYTES;
    UNROLLED
    for (int i = 0; i < MKA_SETS_MAX; i++)
        if (mka_take_set(frame, mka) < 0)
            break;
}

#endif
