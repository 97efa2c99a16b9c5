/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The headers of generated frames, which the benchmark writes to files and sends over links. */
#ifndef GAPWATCH_BENCH_FRAMES_H
#define GAPWATCH_BENCH_FRAMES_H

#include <stdint.h>

#define FRAME_LONGEST    1514
#define FRAME_ID_LIMIT   (1u << 24)  /* limit of the addresses */
#define FRAME_SPREAD     2654435761u /* odd, so that multiplying by it maps ids one to one */
#define FRAME_FIRST_PORT 10000u      /* first source port; the range does not contain 4500 */
#define FRAME_PORTS      50000u

/* clang-format off */
/*      ID       name       offset of the number, 0: not numbered */
#define FRAME_KIND_TABLE(ROW)      \
    ROW(MACSEC,  "macsec",  14 + 2)           \
    ROW(ESP,     "esp",     14 + 20 + 4)      \
    ROW(ESP6,    "esp6",    14 + 40 + 4)      \
    ROW(ESP_UDP, "esp-udp", 14 + 20 + 8 + 4)  \
    ROW(TCP,     "tcp",     0)                \
    ROW(TCP6,    "tcp6",    0)                \
    ROW(UDP,     "udp",     0)                \
    ROW(UDP6,    "udp6",    0)
/* clang-format on */

enum frame_kind {
#define ROW(id, ...) FRAME_##id,
    FRAME_KIND_TABLE(ROW)
#undef ROW
        FRAME_KINDS,
};

static inline unsigned char *put16(unsigned char *to, uint32_t value)
{
    to[0] = (unsigned char)(value >> 8);
    to[1] = (unsigned char)value;
    return to + 2;
}

static inline unsigned char *put32(unsigned char *to, uint32_t value)
{
    return put16(put16(to, value >> 16), value);
}

static inline unsigned char *put_ethernet(unsigned char *to, uint32_t source, uint32_t ethertype)
{
    to = put32(put16(to, 0x0200), 0x00000001);
    to = put32(put16(to, 0x0201), source);
    return put16(to, ethertype);
}

/* RFC 791 section 3.1. LENGTH is that of the whole datagram. */
static inline unsigned char *put_ipv4(unsigned char *to, uint32_t length, uint32_t protocol,
                                      uint32_t source, uint32_t destination)
{
    unsigned char *header = to;
    uint32_t sum = 0;

    to = put16(put16(to, 0x4500), length);
    to = put32(to, 0x00004000);
    to = put16(put16(to, 64 << 8 | protocol), 0);
    to = put32(put32(to, source), destination);
    for (int i = 0; i < 20; i += 2)
        sum += (uint32_t)(header[i] << 8 | header[i + 1]);
    sum = (sum & 0xffff) + (sum >> 16);
    put16(header + 10, ~(sum + (sum >> 16)));
    return to;
}

/* RFC 8200 section 3. LENGTH is that of the whole datagram. */
static inline unsigned char *put_ipv6(unsigned char *to, uint32_t length, uint32_t next,
                                      uint32_t source, uint32_t destination)
{
    to = put32(to, 0x60000000);
    to = put16(put16(to, length - 40), next << 8 | 64);
    to = put32(put32(put32(put32(to, 0x20010db8), 0), 0), source);
    return put32(put32(put32(put32(to, 0x20010db8), 1), 0), destination);
}

/* IEEE 802.1AE clause 9: explicit SCI, encrypted; SL 0 means 48 octets or more. */
static inline void put_macsec(unsigned char *to, uint32_t id, uint32_t number, uint32_t length)
{
    uint32_t data = length - 14 - 14 - 16;

    to = put_ethernet(to, id, 0x88e5);
    to = put16(to, 0x2c00 | (data < 48 ? data : 0));
    to = put32(to, number);
    put32(put32(to, 0x02010000 | id >> 16), id << 16 | 1);
}

/* RFC 4303, and RFC 3948 in UDP. */
static inline void put_esp(unsigned char *to, enum frame_kind kind, uint32_t id, uint32_t number,
                           uint32_t length)
{
    uint32_t spi = id * FRAME_SPREAD | 0x100;
    uint32_t source = 0x0a000000 | (id & 0xff), destination = 0x0b000000 | id;
    int ipv6 = kind == FRAME_ESP6, udp = kind == FRAME_ESP_UDP;

    to = put_ethernet(to, source, ipv6 ? 0x86dd : 0x0800);
    to = ipv6 ? put_ipv6(to, length - 14, 50, source, destination)
              : put_ipv4(to, length - 14, udp ? 17 : 50, source, destination);
    if (udp)
        to = put32(put32(to, 4500u << 16 | 4500), (length - 34) << 16);
    put32(put32(to, spi), number);
}

/* TCP (RFC 9293) and UDP (RFC 768). */
static inline void put_plain(unsigned char *to, enum frame_kind kind, uint32_t id, uint32_t number,
                             uint32_t length)
{
    uint32_t source = 0x0a010000 | id, destination = 0x0a020000 | (id & 0xff);
    uint32_t ports = (FRAME_FIRST_PORT + id % FRAME_PORTS) << 16 | 443;
    int tcp = kind == FRAME_TCP || kind == FRAME_TCP6;
    int ipv6 = kind == FRAME_TCP6 || kind == FRAME_UDP6;

    to = put_ethernet(to, source, ipv6 ? 0x86dd : 0x0800);
    to = ipv6 ? put_ipv6(to, length - 14, tcp ? 6 : 17, source, destination)
              : put_ipv4(to, length - 14, tcp ? 6 : 17, source, destination);
    to = put32(to, ports);
    if (tcp)
        put32(put32(put32(put32(to, number), number), 0x50100400), 0);
    else
        put32(to, (length - (ipv6 ? 54 : 34)) << 16);
}

/* Writes the headers of frame NUMBER, of LENGTH octets, of flow ID (below FRAME_ID_LIMIT). */
static inline void put_headers(unsigned char *to, enum frame_kind kind, uint32_t id,
                               uint32_t number, uint32_t length)
{
    switch (kind) {
    case FRAME_MACSEC:
        put_macsec(to, id, number, length);
        break;
    case FRAME_ESP:
    case FRAME_ESP6:
    case FRAME_ESP_UDP:
        put_esp(to, kind, id, number, length);
        break;
    default:
        put_plain(to, kind, id, number, length);
        break;
    }
}

#endif
