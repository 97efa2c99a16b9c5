// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Writes the capture files of the benchmark: many flows, interleaved at random with a fixed seed,
 * with frame sizes as on a busy link and a snap length of 256.
 *
 *   generate [--packets N] [--flows N] OUTPUT
 *
 * Without --flows: 1,000 MACsec SCs, 1,000 ESP SAs (some over IPv6, some in UDP port 4500) and
 * 10,000 TCP and UDP flows, all about equally often. With --flows N: N ESP SAs, each of which
 * occurs at least once. One sequence number in a thousand is lost, and one in two thousand arrives
 * behind its successor.
 *
 * Prints the expected figures of the file as one JSON object.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"

enum {
    SNAP_LENGTH = 256,
    LONGER_HEADERS = 24, /* ESP, TCP and UDP need this much more than a MACsec frame of 64 bytes */
    OUTPUT_BUFFER = 1 << 20,
    LOSS_ONE_IN = 1000,
    REORDER_ONE_IN = 2000,
    NANOSECONDS_A_FRAME = 2000,
    MIXED_SCS = 1000,
    MIXED_SAS = 1000,
    MIXED_TUPLES = 10000,
    MACSEC_PERCENT = 8, /* 1,000 of 12,000: few, for programs that ignore MACsec */
    ESP_PERCENT = 8,
};

#define START_SECONDS 1735689600u /* 2025-01-01T00:00:00Z */

enum kind { MACSEC, ESP, PLAIN };

/* A flow of frames. `held` is a number that was overtaken and comes next; 0 means none. */
struct flow {
    enum kind kind;
    uint32_t id;
    uint32_t next;
    uint32_t held;
    bool seen;
    bool is_in_udp; /* a flow of a few frames could not be confirmed as ESP */
};

struct truth {
    uint64_t packets, bytes, flows, lost, reordered;
};

struct output {
    FILE *file;
    struct truth truth;
    uint64_t random;
    unsigned char frame[SNAP_LENGTH];
};

/* xorshift64*: random enough here, and the same on every machine. */
static uint32_t random_number(struct output *out)
{
    out->random ^= out->random >> 12;
    out->random ^= out->random << 25;
    out->random ^= out->random >> 27;
    return (uint32_t)(out->random * 0x2545f4914f6cdd1dULL >> 32);
}

/* A number below limit, which is at least 1. */
static uint32_t random_below(struct output *out, uint32_t limit)
{
    return (uint32_t)((uint64_t)random_number(out) * limit >> 32);
}

/* Every fourth SA uses IPv6, and in the mixture every eighth is in UDP. Every fourth pair of TCP
 * and UDP uses IPv6. */
static enum frame_kind frame_kind(const struct flow *flow)
{
    uint32_t id = flow->id;

    if (flow->kind == MACSEC)
        return FRAME_MACSEC;
    if (flow->kind == ESP)
        return id % 4 == 0 ? FRAME_ESP6 : flow->is_in_udp ? FRAME_ESP_UDP : FRAME_ESP;
    if (id % 2)
        return id % 8 < 2 ? FRAME_TCP6 : FRAME_TCP;
    return id % 8 < 2 ? FRAME_UDP6 : FRAME_UDP;
}

/* The headers of a pcap file are in this machine's byte order, which the magic number shows. */
static void write_record(struct output *out, uint32_t length)
{
    uint64_t time = out->truth.packets * NANOSECONDS_A_FRAME / 1000;
    uint32_t captured = length < SNAP_LENGTH ? length : SNAP_LENGTH;
    uint32_t header[4] = {START_SECONDS + (uint32_t)(time / 1000000), (uint32_t)(time % 1000000),
                          captured, length};

    fwrite(header, sizeof(header), 1, out->file);
    fwrite(out->frame, captured, 1, out->file);
}

static void write_file_header(FILE *file)
{
    uint32_t header[6] = {0xa1b2c3d4, 0, 0, 0, SNAP_LENGTH, 1 /* Ethernet */};
    uint16_t version[2] = {2, 4};

    memcpy(&header[1], version, sizeof(version));
    fwrite(header, sizeof(header), 1, file);
}

/* A length on the wire, 64 to 1514: short frames (acknowledgements, voice), medium and
 * full ones. */
static uint32_t random_length(struct output *out)
{
    uint32_t percent = random_below(out, 100);

    if (percent < 6)
        return 64 + random_below(out, 64);
    if (percent < 10)
        return 128 + random_below(out, 128);
    if (percent < 25)
        return 256 + random_below(out, 320);
    if (percent < 50)
        return 576 + random_below(out, 938);
    return FRAME_LONGEST;
}

/* The number of the flow's next frame. Decides which numbers are lost or overtaken. */
static uint32_t next_number(struct output *out, struct flow *flow)
{
    uint32_t number = flow->held;

    if (number) {
        flow->held = 0;
        out->truth.reordered++;
        return number;
    }
    if (flow->seen && flow->kind != PLAIN) {
        if (random_below(out, LOSS_ONE_IN) == 0) {
            flow->next++;
            out->truth.lost++;
        }
        if (random_below(out, REORDER_ONE_IN) == 0)
            flow->held = flow->next++;
    }
    return flow->next++;
}

/* Behind the headers there are octets of earlier frames, which look random, like ciphertext. */
static void write_frame(struct output *out, struct flow *flow)
{
    uint32_t number = next_number(out, flow), length = random_length(out);

    if (flow->kind != MACSEC && length < FRAME_LONGEST - LONGER_HEADERS)
        length += LONGER_HEADERS;
    put_headers(out->frame, frame_kind(flow), flow->id, number, length);
    write_record(out, length);
    out->truth.flows += !flow->seen;
    out->truth.packets++;
    out->truth.bytes += length;
    flow->seen = true;
}

static struct flow *choose_mixed(struct output *out, struct flow *flows)
{
    uint32_t percent = random_below(out, 100);

    if (percent < MACSEC_PERCENT)
        return flows + random_below(out, MIXED_SCS);
    if (percent < MACSEC_PERCENT + ESP_PERCENT)
        return flows + MIXED_SCS + random_below(out, MIXED_SAS);
    return flows + MIXED_SCS + MIXED_SAS + random_below(out, MIXED_TUPLES);
}

static void write_frames(struct output *out, struct flow *flows, uint32_t sas, uint64_t packets)
{
    for (uint64_t i = 0; i < packets; i++) {
        if (!sas)
            write_frame(out, choose_mixed(out, flows));
        else
            write_frame(out, flows + (i < sas ? i : random_below(out, sas)));
    }
}

/* Makes SAS ESP flows, or the mixture when SAS is 0. The caller frees them. NULL: no memory. */
static struct flow *make_flows(struct output *out, uint32_t sas, uint32_t *count)
{
    struct flow *flows;

    *count = sas ? sas : MIXED_SCS + MIXED_SAS + MIXED_TUPLES;
    flows = calloc(*count, sizeof(*flows));
    for (uint32_t i = 0; flows && i < *count; i++) {
        flows[i].id = i;
        flows[i].next = 1 + random_below(out, 1 << 30);
        flows[i].is_in_udp = !sas && i % 8 == 1;
        if (sas)
            flows[i].kind = ESP;
        else
            flows[i].kind = i < MIXED_SCS ? MACSEC : i < MIXED_SCS + MIXED_SAS ? ESP : PLAIN;
    }
    return flows;
}

/* Counts numbers still held at the end of the file as lost. */
static void count_unsent(struct output *out, const struct flow *flows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        out->truth.lost += flows[i].held != 0;
}

static void print_truth(const struct truth *truth)
{
    printf("{\"packets\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"flows\": %" PRIu64
           ", \"lost\": %" PRIu64 ", \"reordered\": %" PRIu64 "}\n",
           truth->packets, truth->bytes, truth->flows, truth->lost, truth->reordered);
}

/* Returns 0, or -1 with errno set. */
static int generate(const char *path, uint32_t sas, uint64_t packets)
{
    struct output out = {.random = 0x9e3779b97f4a7c15ULL};
    struct flow *flows;
    uint32_t count;
    int failed;

    flows = make_flows(&out, sas, &count);
    if (!flows)
        return -1;
    out.file = fopen(path, "wb");
    if (!out.file) {
        free(flows);
        return -1;
    }
    setvbuf(out.file, NULL, _IOFBF, OUTPUT_BUFFER);
    for (size_t i = 0; i < sizeof(out.frame); i++)
        out.frame[i] = (unsigned char)random_number(&out);
    write_file_header(out.file);
    write_frames(&out, flows, sas, packets);
    count_unsent(&out, flows, count);
    free(flows);
    failed = ferror(out.file);
    if (fclose(out.file) != 0 || failed)
        return -1;
    print_truth(&out.truth);
    return 0;
}

/* Reads a number from 1 to limit; anything else ends the program. */
static uint64_t number_argument(const char *text, uint64_t limit)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);

    if (*end || value == 0 || value > limit) {
        fprintf(stderr, "generate: not a number from 1 to %" PRIu64 ": %s\n", limit, text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"packets", required_argument, NULL, 'p'},
                                            {"flows", required_argument, NULL, 'f'},
                                            {NULL, 0, NULL, 0}};
    uint64_t packets = 5000000;
    uint32_t sas = 0;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'p')
            packets = number_argument(optarg, UINT32_MAX);
        else if (option == 'f')
            sas = (uint32_t)number_argument(optarg, FRAME_ID_LIMIT);
        else
            return 2;
    }
    if (optind != argc - 1) {
        fprintf(stderr, "usage: generate [--packets N] [--flows N] OUTPUT\n");
        return 2;
    }
    if (generate(argv[optind], sas, packets) != 0) {
        fprintf(stderr, "generate: %s: %s\n", argv[optind], strerror(errno));
        return 1;
    }
    return 0;
}
