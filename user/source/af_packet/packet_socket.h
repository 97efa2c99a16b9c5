/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A packet socket with a ring that the kernel writes and the program reads (TPACKET_V3): blocks of
 * many frames, each the program's once it is full, or some milliseconds old.
 */
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
    size_t block;         /* the one that is read, or is to be read next */
    uint32_t frames_left; /* in it; it is the program's while there are any */
    int holds_block;
    int is_behind_drops; /* the kernel dropped frames between the last that was read and the next */
    int may_hide_drops; /* it may have done so before any block that is there, which does not say */
    int is_drained;     /* all blocks were read that there were */
    const struct tpacket3_hdr *frame; /* the next one */
    const struct tpacket3_hdr *read;  /* the last one */
};

/* Opens SOCKET with a ring of BUFFER_BYTES. It takes no frames yet. Returns 0, or -1 with ERROR set
 * (without a name in front) and SOCKET closed. */
int packet_socket_open(struct packet_socket *socket, size_t buffer_bytes, struct error *error);

/* Takes one that was never opened, but is {.fd = -1}, too. */
void packet_socket_close(struct packet_socket *socket);

/* Binds it to the interface INDEX (0: to all, as they are), also again to another, which becomes
 * promiscuous while it is bound. Returns 0, or -1 with errno set. */
int packet_socket_bind(struct packet_socket *socket, unsigned index);

/* From now on it takes what FILTER does. Returns 0, or -1 with errno set. */
int packet_socket_filter(struct packet_socket *socket, const struct sock_fprog *filter);

/* Waits until there are frames, for TIMEOUT_MS at most. Returns 0, or -1: the interface went down
 * or away meanwhile. */
int packet_socket_wait(struct packet_socket *socket, int timeout_ms);

/* Whether there are frames. */
int packet_socket_has_frames(struct packet_socket *socket);

/*
 * Sets SEEN to the next frame, which is valid until the next call, and IS_HARDWARE_TIME to whether
 * the NIC dated it. Returns 0 when there is none at the moment. SOCKET->is_behind_drops says
 * whether frames were dropped right in front of it; it is the caller's to clear.
 */
int packet_socket_next(struct packet_socket *socket, struct seen_frame *seen,
                       int *is_hardware_time);

/*
 * Of a socket bound to all interfaces: sets LINK to how the frame that was read last begins. On one
 * of neither Ethernet nor raw IP, SEEN becomes what is behind its link header. Returns whether it
 * counts: on the loopback interface each frame goes out and comes in, and once is enough.
 */
int packet_socket_tell_apart(const struct packet_socket *socket, struct seen_frame *seen,
                             enum link_type *link);

/* How many frames were dropped since this was last asked. */
uint64_t packet_socket_drops(struct packet_socket *socket);

/* Of the ring, what waits to be read. */
size_t packet_socket_used_bytes(const struct packet_socket *socket);
size_t packet_socket_ring_bytes(const struct packet_socket *socket);

#endif
