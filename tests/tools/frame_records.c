/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * frame_records FILE [--kernel]: prints a line of JSON for each frame of a capture file: the record
 * that the classifier makes of it, in this program or (--kernel) in the BPF program, run with
 * BPF_PROG_TEST_RUN. Both must print the same. The outcome of a candidate is the protocol that it
 * may be. Exit status 77: this machine cannot load BPF programs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "flow/id.h"
#include "flow/outcome_name.h"
#include "source/decode.h"

#include "kernel_classifier.h"

static void print_record(uint32_t outcome, const struct frame_record *record,
                         const struct frame_record *mirror, uint64_t frame)
{
    struct json_writer json;
    int is_protocol = outcome <= OUTCOME_LAST_PROTOCOL;
    int is_candidate = is_protocol && record->flags & RECORD_CANDIDATE;
    char id[FLOW_ID_CHARS];

    flow_id_format(&record->key, id);
    json_begin(&json, stdout);
    json_open(&json, NULL, '{');
    json_integer(&json, "frame", frame);
    json_string(&json, "outcome", outcome_name(is_candidate ? record->key.protocol : outcome));
    json_boolean(&json, "candidate", is_candidate);
    json_integer(&json, "timestamp_ns", record->timestamp_ns);
    json_integer(&json, "wire_bytes", record->wire_bytes);
    json_string(&json, "flow_id", is_protocol ? id : NULL);
    json_integer(&json, "association", record->association);
    json_integer(&json, "sequence", record->sequence);
    json_boolean(&json, "implicit_sci", record->flags & RECORD_IMPLICIT_SCI);
    if (mirror) {
        json_integer(&json, "mirror", mirror->key.identifier);
        json_integer(&json, "mirror_sequence", mirror->sequence);
    }
    json_close(&json, '}');
    json_end(&json);
}

static pcap_t *open_file(const char *path, enum link_type *link)
{
    char reason[PCAP_ERRBUF_SIZE];
    pcap_t *pcap =
        pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, reason);

    if (!pcap) {
        fprintf(stderr, "frame_records: %s\n", reason);
        exit(EXIT_FAILURE);
    }
    if (link_type_of(pcap_datalink(pcap), link) < 0) {
        fprintf(stderr, "frame_records: %s: link type not supported\n", path);
        exit(EXIT_FAILURE);
    }
    return pcap;
}

/* Prints what the classifier, here or IN_KERNEL, makes of a frame. Returns 0, or -1. */
static int tell(const struct classifier *classifier, const struct pcap_pkthdr *header,
                const unsigned char *data, int in_kernel, uint64_t number)
{
    struct seen_frame seen = decode_header(header, data);
    struct frame_record record, mirror = {0};
    int has_mirror = 0;
    struct walk walk;
    uint32_t outcome;

    if (!in_kernel) {
        outcome = classify(classifier, data, data + seen.captured, seen.length, 0, &walk, &record);
        has_mirror = walk.has_mirror;
        mirror = walk.mirror;
    } else if (kernel_classify(data, seen.captured, seen.length, &outcome, &record, &mirror,
                               &has_mirror) < 0) {
        return -1;
    }
    record.timestamp_ns = seen.timestamp_ns;
    print_record(outcome, &record, has_mirror ? &mirror : NULL, number);
    return 0;
}

int main(int argc, char **argv)
{
    int in_kernel = argc == 3 && strcmp(argv[2], "--kernel") == 0;
    struct pcap_pkthdr *header;
    const unsigned char *data;
    struct classifier classifier = {.tunnels = TUNNELS_ALL, .protocols = PROTOCOLS_ALL};
    uint64_t frame = 0;
    pcap_t *pcap;
    int status;

    if (argc != 2 && !in_kernel) {
        fputs("usage: frame_records FILE [--kernel]\n", stderr);
        return 2;
    }
    pcap = open_file(argv[1], &classifier.link);
    if (in_kernel && (status = kernel_classifier_open(&classifier)))
        return status;
    while (pcap_next_ex(pcap, &header, &data) == 1) {
        struct pcap_pkthdr cut = *header;

        if (cut.caplen > KERNEL_FRAME_MAX) /* for both ways the same */
            cut.caplen = KERNEL_FRAME_MAX;
        if (cut.len < header->caplen)
            cut.len = header->caplen;
        if (tell(&classifier, &cut, data, in_kernel, ++frame) < 0)
            return EXIT_FAILURE;
    }
    pcap_close(pcap);
    kernel_classifier_close();
    return 0;
}
