// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Sends through a packet socket, which works on every kind of interface. */
#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BURST = 32, /* frames in a system call: few, so that the load is even */
    RETRY_NS = 20000,
};

/* The frames of one round; they are sent repeatedly with new numbers. */
struct sender {
    const struct plan *plan;
    struct flow *flows;
    unsigned char *frames; /* one for each slot; a slot is always of the same flow */
    uint32_t slots;
    int socket;
    uint64_t sending_ns;
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static void sleep_until(uint64_t time_ns)
{
    struct timespec until = {.tv_sec = (time_t)(time_ns / NS_PER_SECOND),
                             .tv_nsec = (long)(time_ns % NS_PER_SECOND)};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
}

static unsigned char *frame_at(const struct sender *sender, uint32_t slot)
{
    return sender->frames + (size_t)slot * sender->plan->length;
}

static void fill_slots(struct sender *sender)
{
    for (uint32_t slot = 0; slot < sender->slots; slot++)
        plan_frame(sender->plan, &sender->flows[slot % sender->plan->flow_count],
                   frame_at(sender, slot));
}

/* Returns a packet socket that sends from INTERFACE and receives nothing, or -1 with errno set. */
static int open_socket(const char *interface)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                  .sll_ifindex = (int)if_nametoindex(interface)};
    int fd = -1;

    if (address.sll_ifindex)
        fd = socket(AF_PACKET, SOCK_RAW, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void release(struct sender *sender)
{
    if (sender->socket >= 0)
        close(sender->socket);
    free(sender->frames);
    free(sender->flows);
}

/* Returns 0, or -1 with errno set. The caller calls release() in either case. */
static int init(struct sender *sender, const struct plan *plan, const char *interface)
{
    uint32_t rounds = (BURST + plan->flow_count - 1) / plan->flow_count;

    *sender = (struct sender){.plan = plan, .slots = rounds * plan->flow_count, .socket = -1};
    sender->flows = plan_flows(plan);
    sender->frames = malloc((size_t)sender->slots * plan->length);
    if (!sender->flows || !sender->frames)
        return -1;
    fill_slots(sender);
    sender->socket = open_socket(interface);
    return sender->socket < 0 ? -1 : 0;
}

/* Writes the numbers into COUNT frames, from frame FIRST on, and points MESSAGES to them. */
static void prepare(struct sender *sender, uint64_t first, unsigned count, struct mmsghdr *messages,
                    struct iovec *buffers)
{
    const struct plan *plan = sender->plan;

    for (unsigned i = 0; i < count; i++) {
        uint32_t slot = (uint32_t)((first + i) % sender->slots);
        uint32_t offset = sender->flows[slot % plan->flow_count].number_offset;
        unsigned char *frame = frame_at(sender, slot);

        if (offset)
            put32(frame + offset, (uint32_t)plan_number(plan, (first + i) / plan->flow_count));
        buffers[i] = (struct iovec){.iov_base = frame, .iov_len = plan->length};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &buffers[i], .msg_iovlen = 1}};
    }
}

/* Sends COUNT messages, and repeats this while queues are full. Returns 0, or -1 with errno set. */
static int send_all(struct sender *sender, struct mmsghdr *messages, unsigned count)
{
    uint64_t began = now_ns();
    unsigned sent = 0;

    while (sent < count) {
        int done = sendmmsg(sender->socket, messages + sent, count - sent, 0);

        if (done > 0)
            sent += (unsigned)done;
        else if (errno == ENOBUFS || errno == EAGAIN)
            sleep_until(now_ns() + RETRY_NS);
        else if (errno != EINTR)
            return -1;
    }
    sender->sending_ns += now_ns() - began;
    return 0;
}

/* Returns 0, or -1 with errno set. */
static int send_frames(struct sender *sender)
{
    const struct plan *plan = sender->plan;
    struct mmsghdr messages[BURST];
    struct iovec buffers[BURST];
    uint64_t began = now_ns();

    for (uint64_t sent = 0; sent < plan->packets;) {
        uint64_t left = plan->packets - sent;
        unsigned count = left < BURST ? (unsigned)left : BURST;

        prepare(sender, sent, count, messages, buffers);
        if (plan->rate)
            sleep_until(began + (uint64_t)((double)sent / (double)plan->rate * NS_PER_SECOND));
        if (send_all(sender, messages, count) < 0)
            return -1;
        sent += count;
    }
    return 0;
}

int send_by_socket(const struct plan *plan, const char *interface, uint64_t *sending_ns)
{
    struct sender sender;
    int status = init(&sender, plan, interface);

    prctl(PR_SET_TIMERSLACK, 1); /* in nanoseconds, for an even load */
    if (status == 0)
        status = send_frames(&sender);
    *sending_ns = sender.sending_ns;
    release(&sender);
    return status;
}
