/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The classic BPF program that picks the worker's socket for a frame. The kernel's own hash
 * (PACKET_FANOUT_HASH) does not fit: it sends all MACsec to one socket, and the first fragment of a
 * datagram to another socket than whole datagrams. This program hashes
 *
 *   MACsec    four octets of the MAC address that the SCI starts with, or is made from
 *   ESP       the destination and the SPI, both of which a peer that moves keeps
 *   TCP, UDP  the destination and the ports
 *   other IP  the destination; also for UDP ports that belong to a protocol (4500: ESP, and IKE),
 * and for those that WireGuard and OpenVPN usually have, whose peers may change theirs
 *
 * All other frames go to the first socket: those of other EtherTypes, those with more than one VLAN
 * tag, MPLS or PPPoE, and those that end before the octets that are hashed.
 */
#include "source/af_packet/fanout.h"

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

/* The filter compares with the UDP port of each protocol; a protocol without one has a number that
 * is no port. */
enum {
#define ROW(id, ...) PORT_##id,
    PROTOCOL_TABLE(ROW)
#undef ROW
        PORT_USUAL_WIREGUARD,
    PORT_USUAL_OPENVPN,
    PORT_CHOSEN, /* the first of those of --esp-port */
    PORT_COUNT = PORT_CHOSEN + ESP_PORTS_MAX,
};

/* Offsets of the program's parts. */
enum {
    START = 0,
    LINK_BYTES = START + 3,
    IPV4 = START + 9,
    IPV6 = IPV4 + 10,
    TRANSPORT = IPV6 + 14,
    SOURCE_PORTS = TRANSPORT + 5,
    DESTINATION_PORTS = SOURCE_PORTS + PORT_COUNT + 1,
    ADDRESS = DESTINATION_PORTS + PORT_COUNT + 1,
    FIRST_WORD = ADDRESS + 2,
    HASH = FIRST_WORD + 3,
    SECTAG = HASH + 3,
    SCI = SECTAG + 4,
    PROGRAM_LENGTH = SCI + 4,
};

/* Slots of the program's scratch memory. */
enum {
    DESTINATION,
    PROTOCOL,
};

#define PORT_OR_NONE(port) ((port) ? (port) : 0x10000)

#define PROTOCOL_TCP     6
#define PROTOCOL_UDP     17
#define PROTOCOL_ESP     50
#define ETHERTYPE_MACSEC 0x88E5
#define SCI_MAC_LOW      8 /* offset in a SecTAG of the last four octets of the SCI's MAC address */
#define SOURCE_MAC_LOW   8 /* offset in an Ethernet header of the last four octets of the source */
#define GOLDEN_RATIO     0x9E3779B1 /* 2^32 divided by the ratio: a factor that mixes bits */

#define NO_PORT                BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0)
#define LOAD(size, at)         BPF_STMT(BPF_LD | (size) | BPF_IND, (at)) /* X + at */
#define LOAD_ABOUT(size, what) BPF_STMT(BPF_LD | (size) | BPF_ABS, (__u32)(SKF_AD_OFF + (what)))
#define STORE(slot)            BPF_STMT(BPF_ST, (slot))
#define RECALL(slot)           BPF_STMT(BPF_LD | BPF_MEM, (slot))
#define X_IS_A                 BPF_STMT(BPF_MISC | BPF_TAX, 0)
#define A_IS_X                 BPF_STMT(BPF_MISC | BPF_TXA, 0)
#define ADD(number)            BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, (number))
#define ADD_X                  BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0)
#define GO(at, to)             BPF_STMT(BPF_JMP | BPF_JA, (to) - (at)-1)
#define IF(at, number, to)     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), (to) - (at)-1, 0)
#define IF_SET(at, bit, to)    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bit), (to) - (at)-1, 0)
#define UNLESS(at, number, to) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, (to) - (at)-1)

/* clang-format off */
static const struct sock_filter program[PROGRAM_LENGTH] = {
    /* X is the offset of the network header: outgoing frames are seen from the link header on,
     * incoming ones without it. */
    [START] =             BPF_STMT(BPF_LDX | BPF_IMM, 0),
    [START + 1] =         LOAD_ABOUT(BPF_B, SKF_AD_PKTTYPE),
    [START + 2] =         UNLESS(START + 2, PACKET_OUTGOING, LINK_BYTES + 1),
    [LINK_BYTES] =        BPF_STMT(BPF_LDX | BPF_IMM, ETHERNET_HEADER_BYTES),
    [START + 4] =         LOAD_ABOUT(BPF_H, SKF_AD_PROTOCOL),
    [START + 5] =         IF(START + 5, ETHERTYPE_IPV4, IPV4),
    [START + 6] =         IF(START + 6, ETHERTYPE_IPV6, IPV6),
    [START + 7] =         IF(START + 7, ETHERTYPE_MACSEC, SECTAG),
    [START + 8] =         BPF_STMT(BPF_RET | BPF_K, 0),

    [IPV4] =              LOAD(BPF_W, 16),
    [IPV4 + 1] =          STORE(DESTINATION),
    [IPV4 + 2] =          LOAD(BPF_B, 9),
    [IPV4 + 3] =          STORE(PROTOCOL),
    [IPV4 + 4] =          LOAD(BPF_B, 0),
    [IPV4 + 5] =          BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x0F), /* header length, in words */
    [IPV4 + 6] =          BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 2),
    [IPV4 + 7] =          ADD_X,
    [IPV4 + 8] =          X_IS_A,
    [IPV4 + 9] =          GO(IPV4 + 9, TRANSPORT),

    [IPV6] =              LOAD(BPF_W, 36), /* the last word of the destination differs most */
    [IPV6 + 1] =          STORE(DESTINATION),
    [IPV6 + 2] =          LOAD(BPF_B, 6),
    [IPV6 + 3] =          STORE(PROTOCOL),
    [IPV6 + 4] =          A_IS_X,
    [IPV6 + 5] =          ADD(IPV6_HEADER_BYTES),
    [IPV6 + 6] =          X_IS_A,
    [IPV6 + 7] =          RECALL(PROTOCOL),
    [IPV6 + 8] =          UNLESS(IPV6 + 8, IPV6_FRAGMENT, TRANSPORT),
    [IPV6 + 9] =          LOAD(BPF_B, 0),
    [IPV6 + 10] =         STORE(PROTOCOL),
    [IPV6 + 11] =         A_IS_X,
    [IPV6 + 12] =         ADD(IPV6_EXTENSION_UNIT),
    [IPV6 + 13] =         X_IS_A,

    [TRANSPORT] =         RECALL(PROTOCOL),
    [TRANSPORT + 1] =     IF(TRANSPORT + 1, PROTOCOL_TCP, FIRST_WORD),
    [TRANSPORT + 2] =     IF(TRANSPORT + 2, PROTOCOL_ESP, FIRST_WORD),
    [TRANSPORT + 3] =     UNLESS(TRANSPORT + 3, PROTOCOL_UDP, ADDRESS),
    [TRANSPORT + 4] =     LOAD(BPF_H, 0),
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, ...) \
    [SOURCE_PORTS + PORT_##id] = IF(SOURCE_PORTS + PORT_##id, PORT_OR_NONE(udp_port), ADDRESS),
    PROTOCOL_TABLE(ROW)
#undef ROW
    [SOURCE_PORTS + PORT_USUAL_WIREGUARD] = IF(SOURCE_PORTS + PORT_USUAL_WIREGUARD, WIREGUARD_USUAL_PORT, ADDRESS),
    [SOURCE_PORTS + PORT_USUAL_OPENVPN] = IF(SOURCE_PORTS + PORT_USUAL_OPENVPN, OPENVPN_PORT, ADDRESS),
    [SOURCE_PORTS + PORT_CHOSEN ... DESTINATION_PORTS - 2] = NO_PORT,
    [DESTINATION_PORTS - 1] = LOAD(BPF_H, 2),
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, ...) \
    [DESTINATION_PORTS + PORT_##id] = IF(DESTINATION_PORTS + PORT_##id, PORT_OR_NONE(udp_port), ADDRESS),
    PROTOCOL_TABLE(ROW)
#undef ROW
    [DESTINATION_PORTS + PORT_USUAL_WIREGUARD] = IF(DESTINATION_PORTS + PORT_USUAL_WIREGUARD, WIREGUARD_USUAL_PORT, ADDRESS),
    [DESTINATION_PORTS + PORT_USUAL_OPENVPN] = IF(DESTINATION_PORTS + PORT_USUAL_OPENVPN, OPENVPN_PORT, ADDRESS),
    [DESTINATION_PORTS + PORT_CHOSEN ... ADDRESS - 2] = NO_PORT,
    [ADDRESS - 1] =       GO(ADDRESS - 1, FIRST_WORD),
    [ADDRESS] =           RECALL(DESTINATION),
    [ADDRESS + 1] =       GO(ADDRESS + 1, HASH),
    [FIRST_WORD] =        LOAD(BPF_W, 0), /* both ports, or the SPI */
    [FIRST_WORD + 1] =    BPF_STMT(BPF_LDX | BPF_MEM, DESTINATION),
    [FIRST_WORD + 2] =    ADD_X,
    [HASH] =              BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, GOLDEN_RATIO),
    [HASH + 1] =          BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
    [HASH + 2] =          BPF_STMT(BPF_RET | BPF_A, 0),

    [SECTAG] =            LOAD(BPF_B, 0),
    [SECTAG + 1] =        IF_SET(SECTAG + 1, MACSEC_TCI_SC, SCI),
    [SECTAG + 2] =        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (__u32)SKF_LL_OFF + SOURCE_MAC_LOW),
    [SECTAG + 3] =        GO(SECTAG + 3, SCI + 1),
    [SCI] =               LOAD(BPF_W, SCI_MAC_LOW),
    [SCI + 1] =           BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, GOLDEN_RATIO),
    [SCI + 2] =           BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
    [SCI + 3] =           BPF_STMT(BPF_RET | BPF_A, 0),
};
/* clang-format on */

/* The instruction AT that goes to ADDRESS for PORT. */
static struct sock_filter if_port(int at, __u16 port)
{
    return (struct sock_filter){
        .code = BPF_JMP | BPF_JEQ | BPF_K, .jt = (__u8)(ADDRESS - at - 1), .k = port};
}

/* Makes INSTRUCTIONS go to ADDRESS for the ports that the user chose. */
static void put_ports(struct sock_filter *instructions, const struct esp_ports *esp_ports)
{
    for (int i = 0; i < ESP_PORTS_MAX; i++) {
        int source = SOURCE_PORTS + PORT_CHOSEN + i;
        int destination = DESTINATION_PORTS + PORT_CHOSEN + i;

        if (!esp_ports->ports[i])
            continue;
        instructions[source] = if_port(source, esp_ports->ports[i]);
        instructions[destination] = if_port(destination, esp_ports->ports[i]);
    }
    if (esp_ports->any)
        instructions[TRANSPORT + 4] = (struct sock_filter)GO(TRANSPORT + 4, ADDRESS);
}

static int set_program(int fd, const struct classifier *classifier)
{
    struct sock_filter instructions[PROGRAM_LENGTH];
    struct sock_fprog data = {.len = PROGRAM_LENGTH, .filter = instructions};

    memcpy(instructions, program, sizeof(program));
    put_ports(instructions, &classifier->esp_ports);
    if (classifier->link == LINK_RAW_IP)
        instructions[LINK_BYTES].k = 0;
    return setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &data, sizeof(data));
}

int fanout_join(int fd, int id, const struct classifier *classifier)
{
    unsigned flags = PACKET_FANOUT_CBPF | (id ? 0 : PACKET_FANOUT_FLAG_UNIQUEID);
    unsigned group = (unsigned)id | flags << 16;
    socklen_t length = sizeof(group);

    if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &group, sizeof(group)) < 0)
        return -1;
    if (id)
        return id;
    if (getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &group, &length) < 0)
        return -1;
    return set_program(fd, classifier) < 0 ? -1 : (int)(group & 0xFFFF);
}
