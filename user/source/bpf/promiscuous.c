/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/promiscuous.h"

#include <sys/socket.h>

#include <linux/if_packet.h>

/* Protocol 0: the socket receives no frames. */
int promiscuous_open(void)
{
    return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
}

int promiscuous_set(int fd, unsigned index)
{
    struct packet_mreq wanted = {.mr_ifindex = (int)index, .mr_type = PACKET_MR_PROMISC};

    if (fd < 0)
        return -1;
    return setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &wanted, sizeof(wanted));
}
