/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/af_packet/packet_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/virtio_net.h>
#include <net/if_arp.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/units.h"
#include "source/af_packet/packet_filter.h"

/* Smaller blocks take more time for each frame; larger ones exceed the cache. */
#define BLOCK_BYTES (256 * 1024)
#define BLOCKS_MIN  2

/* The kernel requires a frame size, although in version 3 each frame takes what it needs. */
#define FRAME_BYTES 2048

/* The kernel hands over a block that is not full at the second expiry of this timer, which is in
 * less than LIVE_WAIT_NS. */
#define BLOCK_TIMEOUT_MS (LIVE_WAIT_NS / 1000000 * 2 / 5)

static int set_option(const struct packet_socket *socket, int option, int value)
{
    return setsockopt(socket->fd, SOL_PACKET, option, &value, sizeof(value));
}

static int make_ring(struct packet_socket *socket, size_t buffer_bytes)
{
    size_t blocks = buffer_bytes / BLOCK_BYTES;
    struct tpacket_req3 request;
    void *ring;

    socket->block_count = blocks > BLOCKS_MIN ? blocks : BLOCKS_MIN;
    request = (struct tpacket_req3){
        .tp_block_size = BLOCK_BYTES,
        .tp_block_nr = (unsigned)socket->block_count,
        .tp_frame_size = FRAME_BYTES,
        .tp_frame_nr = (unsigned)(socket->block_count * (BLOCK_BYTES / FRAME_BYTES)),
        .tp_retire_blk_tov = BLOCK_TIMEOUT_MS,
    };
    if (setsockopt(socket->fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)) < 0)
        return -1;
    ring = mmap(NULL, socket->block_count * BLOCK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
                socket->fd, 0);
    if (ring == MAP_FAILED)
        return -1;
    socket->ring = ring;
    return 0;
}

int packet_socket_open(struct packet_socket *opened, size_t buffer_bytes, struct error *error)
{
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); /* 0: no frames until it is bound */

    *opened = (struct packet_socket){.fd = fd};
    if (fd < 0 && errno == EPERM)
        return error_set(error, "needs CAP_NET_RAW");
    if (fd < 0)
        return error_set(error, "no packet socket: %s", strerror(errno));
    /* PACKET_VNET_HDR puts a header in front of each frame that describes merged segments. */
    if (packet_socket_filter(opened, &filter_nothing) == 0 &&
        set_option(opened, PACKET_VERSION, TPACKET_V3) == 0 &&
        set_option(opened, PACKET_VNET_HDR, 1) == 0 && make_ring(opened, buffer_bytes) == 0)
        return 0;
    error_set(error, "no ring of %zu MB: %s", buffer_bytes >> 20, strerror(errno));
    packet_socket_close(opened);
    return -1;
}

void packet_socket_close(struct packet_socket *socket)
{
    if (socket->ring)
        munmap(socket->ring, packet_socket_ring_bytes(socket));
    if (socket->fd >= 0)
        close(socket->fd);
    *socket = (struct packet_socket){.fd = -1};
}

int packet_socket_bind(struct packet_socket *socket, unsigned index)
{
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = (int)index,
    };

    struct packet_mreq promiscuous = {.mr_ifindex = (int)index, .mr_type = PACKET_MR_PROMISC};

    if (bind(socket->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return -1;
    if (!index)
        return 0;
    return setsockopt(socket->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous,
                      sizeof(promiscuous));
}

int packet_socket_filter(struct packet_socket *socket, const struct sock_fprog *filter)
{
    return setsockopt(socket->fd, SOL_SOCKET, SO_ATTACH_FILTER, filter, sizeof(*filter));
}

static struct tpacket_block_desc *block_at(const struct packet_socket *socket, size_t number)
{
    return (struct tpacket_block_desc *)(socket->ring + number % socket->block_count * BLOCK_BYTES);
}

/* Whether the block belongs to the program. The kernel writes everything else in a block before its
 * status. */
static int block_is_ours(const struct packet_socket *socket, size_t number)
{
    const struct tpacket_block_desc *block = block_at(socket, number);

    return __atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER;
}

static void give_block_back(struct packet_socket *socket)
{
    struct tpacket_block_desc *block = block_at(socket, socket->block);

    __atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    socket->block = (socket->block + 1) % socket->block_count;
    socket->holds_block = 0;
}

/*
 * The kernel drops frames when no block is free, that is between two blocks. The status of the next
 * block tells of these drops, unless the counter was read since: reading resets the status. Then
 * each block that was there at that time, and the first new one, may follow drops.
 */
static void begin_block(struct packet_socket *socket)
{
    const struct tpacket_block_desc *block = block_at(socket, socket->block);

    socket->frames_left = block->hdr.bh1.num_pkts;
    socket->frame = (const void *)((const uint8_t *)block + block->hdr.bh1.offset_to_first_pkt);
    socket->holds_block = 1;
    if (block->hdr.bh1.block_status & TP_STATUS_LOSING || socket->may_hide_drops)
        socket->is_behind_drops = 1;
    if (socket->is_drained)
        socket->may_hide_drops = 0;
    socket->is_drained = 0;
}

int packet_socket_has_frames(struct packet_socket *socket)
{
    while (!socket->frames_left) {
        if (socket->holds_block)
            give_block_back(socket);
        if (!block_is_ours(socket, socket->block)) {
            socket->is_drained = 1;
            return 0;
        }
        begin_block(socket);
    }
    return 1;
}

int packet_socket_wait(struct packet_socket *socket, int timeout_ms)
{
    struct pollfd waiting = {.fd = socket->fd, .events = POLLIN};
    socklen_t length = sizeof(int);
    int reason;

    if (packet_socket_has_frames(socket) || poll(&waiting, 1, timeout_ms) <= 0)
        return 0;
    if (!(waiting.revents & POLLERR))
        return 0;
    /* Reading the error also clears it. */
    getsockopt(socket->fd, SOL_SOCKET, SO_ERROR, &reason, &length);
    return -1;
}

static uint32_t gso_size_of(const unsigned char *frame)
{
    struct virtio_net_hdr merged;

    memcpy(&merged, frame - sizeof(merged), sizeof(merged));
    return merged.gso_type == VIRTIO_NET_HDR_GSO_NONE ? 0 : merged.gso_size;
}

static uint32_t stripped_tag(const struct tpacket3_hdr *frame)
{
    return frame->tp_status & TP_STATUS_VLAN_VALID ? VLAN_STRIPPED | frame->hv1.tp_vlan_tci : 0;
}

int packet_socket_next(struct packet_socket *socket, struct seen_frame *seen, int *is_hardware_time)
{
    const struct tpacket3_hdr *frame;
    const unsigned char *data;

    if (!packet_socket_has_frames(socket))
        return 0;
    frame = socket->frame;
    data = (const unsigned char *)frame + frame->tp_mac;
    *seen = (struct seen_frame){
        .data = data,
        .captured = frame->tp_snaplen,
        .length = frame->tp_len,
        .stripped = stripped_tag(frame),
        .gso_size = gso_size_of(data),
        .timestamp_ns = frame->tp_sec * NS_PER_SECOND + frame->tp_nsec,
    };
    *is_hardware_time = frame->tp_status & TP_STATUS_TS_RAW_HARDWARE ? 1 : 0;
    socket->read = frame;
    socket->frames_left--;
    socket->frame = (const void *)((const uint8_t *)frame + frame->tp_next_offset);
    return 1;
}

/* Moves SEEN to the network header. */
static void skip_link_header(const struct tpacket3_hdr *frame, struct seen_frame *seen)
{
    uint32_t octets = frame->tp_net > frame->tp_mac ? (uint32_t)(frame->tp_net - frame->tp_mac) : 0;

    if (octets > seen->captured)
        octets = seen->captured;
    seen->data += octets;
    seen->captured -= octets;
    seen->length -= octets;
}

int packet_socket_tell_apart(const struct packet_socket *socket, struct seen_frame *seen,
                             enum link_type *link)
{
    const struct sockaddr_ll *from =
        (const void *)((const uint8_t *)socket->read + TPACKET_ALIGN(sizeof(*socket->read)));

    *link = LINK_ETHERNET;
    if (from->sll_hatype == ARPHRD_LOOPBACK)
        return from->sll_pkttype != PACKET_OUTGOING;
    if (from->sll_hatype != ARPHRD_ETHER) {
        *link = LINK_RAW_IP;
        skip_link_header(socket->read, seen);
    }
    return 1;
}

uint64_t packet_socket_drops(struct packet_socket *socket)
{
    struct tpacket_stats_v3 statistics;
    socklen_t length = sizeof(statistics);

    if (getsockopt(socket->fd, SOL_PACKET, PACKET_STATISTICS, &statistics, &length) < 0)
        return 0;
    if (statistics.tp_drops)
        socket->may_hide_drops = 1;
    return statistics.tp_drops;
}

size_t packet_socket_used_bytes(const struct packet_socket *socket)
{
    size_t blocks = 0;

    while (blocks < socket->block_count && block_is_ours(socket, socket->block + blocks))
        blocks++;
    return blocks * BLOCK_BYTES;
}

size_t packet_socket_ring_bytes(const struct packet_socket *socket)
{
    return socket->block_count * BLOCK_BYTES;
}
