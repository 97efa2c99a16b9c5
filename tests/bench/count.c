// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The yardstick of the benchmark: the minimal reader of capture files with libpcap.
 *
 *   count FILE
 */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>

struct totals {
    uint64_t packets;
    uint64_t bytes;
};

static void count(unsigned char *user, const struct pcap_pkthdr *header, const unsigned char *frame)
{
    struct totals *totals = (struct totals *)user;

    (void)frame;
    totals->packets++;
    totals->bytes += header->len;
}

int main(int argc, char **argv)
{
    char error[PCAP_ERRBUF_SIZE];
    struct totals totals = {0};
    pcap_t *file;
    int status;

    if (argc != 2) {
        fprintf(stderr, "usage: count FILE\n");
        return 2;
    }
    file = pcap_open_offline(argv[1], error);
    if (!file) {
        fprintf(stderr, "count: %s\n", error);
        return 1;
    }
    status = pcap_loop(file, -1, count, (unsigned char *)&totals);
    if (status < 0)
        fprintf(stderr, "count: %s\n", pcap_geterr(file));
    pcap_close(file);
    printf("%" PRIu64 " packets, %" PRIu64 " bytes\n", totals.packets, totals.bytes);
    return status < 0;
}
