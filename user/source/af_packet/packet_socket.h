/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A packet socket with a ring that it shares with the kernel (TPACKET_V3). The ring has blocks of
 * many frames. The kernel hands over a block when it is full, or some milliseconds old. */
#ifndef GAPWATCH_SOURCE_AF_PACKET_PACKET_SOCKET_H
#define GAPWATCH_SOURCE_AF_PACKET_PACKET_SOCKET_H

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "source/decode.h"
#include "source/source.h"

struct packet_socket {
    int fd; /* -1: not open */
    uint8_t *ring;
    size_t block_count;
    size_t block;         /* index of the block that is read now or next */
    uint32_t frames_left; /* frames in this block that were not read yet */
    /* The program owns the block; the kernel gets it back when all its frames were read. */
    int holds_block;
    int is_behind_drops; /* the kernel dropped frames before the next frame */
    int may_hide_drops;  /* the kernel may have dropped frames before any block, without notice */
    int is_drained;      /* all blocks that were there have been read */
    const struct tpacket3_hdr *frame; /* the next one */
    const struct tpacket3_hdr *read;  /* the last one */
};

/* Opens SOCKET with a ring of BUFFER_BYTES. It takes no frames yet. Returns 0, or -1 with SOCKET
 * closed and ERROR set; the error does not name the interface. */
int packet_socket_open(struct packet_socket *socket, size_t buffer_bytes, struct error *error);

/* Closes SOCKET, which may be {.fd = -1}: never opened. */
void packet_socket_close(struct packet_socket *socket);

/* Binds SOCKET to the interface INDEX, which is promiscuous while it is bound (0: to all
 * interfaces, unchanged). It may be bound before. Returns 0, or -1 with errno set. */
int packet_socket_bind(struct packet_socket *socket, unsigned index);

/* Makes SOCKET take only frames that FILTER passes. Returns 0, or -1 with errno set. */
int packet_socket_filter(struct packet_socket *socket, const struct sock_fprog *filter);

/* Waits for frames, at most TIMEOUT_MS. Returns 0, or -1 when the interface went down or away. */
int packet_socket_wait(struct packet_socket *socket, int timeout_ms);

/* Whether SOCKET has frames to read. */
int packet_socket_has_frames(struct packet_socket *socket);

/*
 * Sets SEEN to the next frame, which is valid until the next call, and IS_HARDWARE_TIME to whether
 * its time is the NIC's. Returns 0 when there is no frame now. Sets SOCKET->is_behind_drops when
 * frames were dropped directly before it; the caller clears it.
 */
int packet_socket_next(struct packet_socket *socket, struct seen_frame *seen,
                       int *is_hardware_time);

/*
 * For a socket bound to all interfaces. Sets LINK to the link type of the frame read last. If that
 * is neither Ethernet nor raw IP, moves SEEN to the network header. Returns whether the frame
 * counts: on loopback each frame is seen twice, going out and coming in, and counts once.
 */
int packet_socket_tell_apart(const struct packet_socket *socket, struct seen_frame *seen,
                             enum link_type *link);

/* The number of frames that SOCKET dropped since the last call. */
uint64_t packet_socket_drops(struct packet_socket *socket);

/* Octets in the ring of SOCKET that wait to be read. */
size_t packet_socket_used_bytes(const struct packet_socket *socket);

/* The size of the ring of SOCKET, in octets. */
size_t packet_socket_ring_bytes(const struct packet_socket *socket);

#endif
