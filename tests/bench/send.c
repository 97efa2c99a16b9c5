// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Sends numbered frames of many flows, one frame of each flow in turn, out of an interface.
 *
 *   send [--KIND FLOWS]... [--packets N] [--length OCTETS] [--rate N] [--lose N] [--first-flow ID]
 *        INTERFACE
 *
 * A KIND is macsec, esp, esp6, esp-udp, tcp, tcp6, udp or udp6; each flow of a kind has an ID of
 * its own, from --first-flow on, and the numbers 1, 2, 3 ... --rate is in frames a second (default:
 * as fast as it goes), --lose N skips every number that N divides, as if the network had lost it.
 *
 * Every frame goes through the stack exactly once. Standard output gets what was sent, as one JSON
 * object: for each kind the flows, packets, octets and numbers skipped between those sent.
 * `sending_seconds` is the time spent in the kernel with it, without the pauses that --rate makes.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frames.h"

enum {
    BURST = 32,          /* frames a system call: few, so that a paced load is an even one */
    SHORTEST_FRAME = 92, /* has room for all headers */
    RETRY_NS = 20000,
    DEFAULT_LENGTH = 124,
};

#define NS_PER_SECOND 1000000000ull

struct plan {
    uint32_t flows[FRAME_KINDS]; /* of each kind */
    uint32_t flow_count;
    uint32_t first_flow;
    uint32_t length;
    uint64_t packets;
    uint64_t rate;       /* frames a second; 0: no limit */
    uint32_t lose_every; /* 0: nothing */
};

struct flow {
    enum frame_kind kind;
    uint32_t id;
};

/* Frames in the order in which they are sent, again and again with new numbers. */
struct sender {
    const struct plan *plan;
    struct flow *flows;
    unsigned char *frames; /* one for each slot; a slot is always of the same flow */
    uint32_t slots;
    int socket;
    uint64_t sending_ns;
};

static const char *const kind_names[] = {
#define ROW(id, name, offset) [FRAME_##id] = name,
    FRAME_KIND_TABLE(ROW)
#undef ROW
};

static const uint32_t number_offsets[] = {
#define ROW(id, name, offset) [FRAME_##id] = offset,
    FRAME_KIND_TABLE(ROW)
#undef ROW
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

/* How many numbers are skipped before the one that is the INDEX-th to be sent, from 0 on. */
static uint64_t skipped_before(const struct plan *plan, uint64_t index)
{
    return plan->lose_every ? index / (plan->lose_every - 1) : 0;
}

static uint32_t number_of(const struct plan *plan, uint64_t index)
{
    return (uint32_t)(1 + index + skipped_before(plan, index));
}

static struct flow *make_flows(const struct plan *plan)
{
    struct flow *flows = calloc(plan->flow_count, sizeof(*flows));
    uint32_t count = 0;

    for (enum frame_kind kind = 0; flows && kind < FRAME_KINDS; kind++)
        for (uint32_t i = 0; i < plan->flows[kind]; i++)
            flows[count++] = (struct flow){.kind = kind, .id = plan->first_flow + i};
    return flows;
}

static unsigned char *frame_at(const struct sender *sender, uint32_t slot)
{
    return sender->frames + (size_t)slot * sender->plan->length;
}

static void fill_slots(struct sender *sender)
{
    const struct plan *plan = sender->plan;

    for (uint32_t slot = 0; slot < sender->slots; slot++) {
        const struct flow *flow = &sender->flows[slot % plan->flow_count];
        unsigned char *frame = frame_at(sender, slot);

        for (uint32_t i = 0; i < plan->length; i++)
            frame[i] = (unsigned char)((i ^ slot) * FRAME_SPREAD >> 24); /* as ciphertext is */
        put_headers(frame, flow->kind, flow->id, 0, plan->length);
    }
}

/* Returns a packet socket that sends from the interface, or -1 with errno set. It receives nothing.
 */
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

/* Returns 0, or -1 with errno set. Either way release() ends it. */
static int init(struct sender *sender, const struct plan *plan, const char *interface)
{
    uint32_t rounds = (BURST + plan->flow_count - 1) / plan->flow_count;

    *sender = (struct sender){.plan = plan, .slots = rounds * plan->flow_count, .socket = -1};
    sender->flows = make_flows(plan);
    sender->frames = malloc((size_t)sender->slots * plan->length);
    if (!sender->flows || !sender->frames)
        return -1;
    fill_slots(sender);
    sender->socket = open_socket(interface);
    return sender->socket < 0 ? -1 : 0;
}

/* Puts the numbers into COUNT frames from the FIRST-th on, and has MESSAGES point to them. */
static void prepare(struct sender *sender, uint64_t first, unsigned count, struct mmsghdr *messages,
                    struct iovec *buffers)
{
    const struct plan *plan = sender->plan;

    for (unsigned i = 0; i < count; i++) {
        uint32_t slot = (uint32_t)((first + i) % sender->slots);
        uint32_t offset = number_offsets[sender->flows[slot % plan->flow_count].kind];
        unsigned char *frame = frame_at(sender, slot);

        if (offset)
            put32(frame + offset, number_of(plan, (first + i) / plan->flow_count));
        buffers[i] = (struct iovec){.iov_base = frame, .iov_len = plan->length};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &buffers[i], .msg_iovlen = 1}};
    }
}

/* Sends COUNT messages, however often the queues are full. Returns 0, or -1 with errno set. */
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

/* What the flows of KIND had, of which FIRST is the first in the order of sending. */
static void print_kind(const struct plan *plan, enum frame_kind kind, uint32_t first)
{
    uint64_t packets = 0, skipped = 0;

    for (uint32_t i = first; i < first + plan->flows[kind]; i++) {
        uint64_t frames = plan->packets / plan->flow_count + (i < plan->packets % plan->flow_count);

        packets += frames;
        if (frames && number_offsets[kind])
            skipped += skipped_before(plan, frames - 1);
    }
    printf("\"%s\": {\"flows\": %" PRIu32 ", \"packets\": %" PRIu64 ", \"bytes\": %" PRIu64
           ", \"skipped\": %" PRIu64 "}",
           kind_names[kind], plan->flows[kind], packets, packets * plan->length, skipped);
}

static void print_sent(const struct plan *plan, uint64_t elapsed_ns, uint64_t sending_ns)
{
    const char *separator = "";
    uint32_t first = 0;

    printf("{\"packets\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"seconds\": %.6f"
           ", \"sending_seconds\": %.6f, \"kinds\": {",
           plan->packets, plan->packets * plan->length, (double)elapsed_ns / NS_PER_SECOND,
           (double)sending_ns / NS_PER_SECOND);
    for (enum frame_kind kind = 0; kind < FRAME_KINDS; kind++) {
        if (!plan->flows[kind])
            continue;
        fputs(separator, stdout);
        print_kind(plan, kind, first);
        separator = ", ";
        first += plan->flows[kind];
    }
    puts("}}");
}

/* Reads a number from MINIMUM to LIMIT; anything else ends the program. */
static uint64_t number_argument(const char *text, uint64_t minimum, uint64_t limit)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || value < minimum || value > limit) {
        fprintf(stderr, "send: not a number from %" PRIu64 " to %" PRIu64 ": %s\n", minimum, limit,
                text);
        exit(2);
    }
    return value;
}

/* Fills in the plan; returns the interface, or NULL when the arguments make no sense. */
static const char *parse_arguments(struct plan *plan, int argc, char **argv)
{
    static const struct option options[] = {
#define ROW(id, name, offset) {name, required_argument, NULL, FRAME_##id},
        FRAME_KIND_TABLE(ROW)
#undef ROW
            {"packets", required_argument, NULL, 'p'},
        {"length", required_argument, NULL, 'l'},
        {"rate", required_argument, NULL, 'r'},
        {"lose", required_argument, NULL, 'L'},
        {"first-flow", required_argument, NULL, 'f'},
        {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'p')
            plan->packets = number_argument(optarg, 1, UINT32_MAX);
        else if (option == 'l')
            plan->length = (uint32_t)number_argument(optarg, SHORTEST_FRAME, FRAME_LONGEST);
        else if (option == 'r')
            plan->rate = number_argument(optarg, 1, NS_PER_SECOND);
        else if (option == 'L')
            plan->lose_every = (uint32_t)number_argument(optarg, 2, UINT32_MAX);
        else if (option == 'f')
            plan->first_flow = (uint32_t)number_argument(optarg, 0, FRAME_ID_LIMIT / 2);
        else if (option < FRAME_KINDS)
            plan->flows[option] = (uint32_t)number_argument(optarg, 1, FRAME_ID_LIMIT / 2);
        else
            return NULL;
    }
    for (enum frame_kind kind = 0; kind < FRAME_KINDS; kind++)
        plan->flow_count += plan->flows[kind];
    return optind == argc - 1 && plan->flow_count ? argv[optind] : NULL;
}

int main(int argc, char **argv)
{
    struct plan plan = {.packets = 1, .length = DEFAULT_LENGTH};
    const char *interface = parse_arguments(&plan, argc, argv);
    struct sender sender;
    uint64_t began;
    int status;

    if (!interface) {
        fputs("usage: send [--KIND FLOWS]... [--packets N] [--length OCTETS] [--rate N]\n"
              "            [--lose N] [--first-flow ID] INTERFACE\n",
              stderr);
        return 2;
    }
    prctl(PR_SET_TIMERSLACK, 1); /* of a nanosecond: an even load */
    status = init(&sender, &plan, interface);
    began = now_ns();
    if (status == 0)
        status = send_frames(&sender);
    if (status < 0)
        fprintf(stderr, "send: %s: %s\n", interface, strerror(errno));
    else
        print_sent(&plan, now_ns() - began, sender.sending_ns);
    release(&sender);
    return status < 0;
}
