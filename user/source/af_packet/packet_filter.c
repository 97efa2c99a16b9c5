/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/af_packet/packet_filter.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>

#include "source/decode.h"
#include "source/snap_filter.h"

#define PREFIX_LENGTH 3

static struct sock_filter refuse[] = {BPF_STMT(BPF_RET | BPF_K, 0)};

const struct sock_fprog filter_nothing = {.len = 1, .filter = refuse};

/* Goes in front of the user's filter: passes only outgoing frames, or only others. */
static const struct sock_filter only_outgoing[PREFIX_LENGTH] = {
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (__u32)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, 0),
};

static const struct sock_filter only_incoming[PREFIX_LENGTH] = {
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (__u32)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, 0),
};

static struct bpf_insn take_all[] = {BPF_STMT(BPF_RET | BPF_K, SNAP_OCTETS)};

/* Sets FILTER to PROGRAM, behind the test for DIRECTION. */
static enum open_status join_programs(struct sock_fprog *filter, enum direction direction,
                                      const struct bpf_program *program, struct error *error)
{
    const struct sock_filter *prefix = direction == DIRECTION_OUT ? only_outgoing : only_incoming;
    size_t prefix_length = direction == DIRECTION_BOTH ? 0 : PREFIX_LENGTH;

    _Static_assert(sizeof(struct bpf_insn) == sizeof(struct sock_filter), "libpcap's instructions");
    filter->len = (unsigned short)(prefix_length + program->bf_len);
    filter->filter = calloc(filter->len, sizeof(*filter->filter));
    if (!filter->filter) {
        error_set(error, "%s", strerror(ENOMEM));
        return OPEN_FAILED;
    }
    memcpy(filter->filter, prefix, prefix_length * sizeof(*prefix));
    memcpy(filter->filter + prefix_length, program->bf_insns,
           program->bf_len * sizeof(*program->bf_insns));
    return OPEN_DONE;
}

/*
 * A handle on the interface itself. Only for such a handle does libpcap compile a filter for the
 * kernel, which keeps a VLAN tag beside the frame. Returns NULL with ERROR set.
 */
static pcap_t *open_compiler(const struct interface_watch *watch, struct error *error)
{
    char reason[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_create(watch->name, reason);
    int status;

    if (!pcap) {
        error_set(error, "%s: %s", watch->name, reason);
        return NULL;
    }
    pcap_set_snaplen(pcap, SNAP_WHOLE);
    pcap_set_buffer_size(pcap, 1); /* as small as it can be: nothing is read from it */
    status = pcap_activate(pcap);
    if (status >= 0)
        return pcap;
    error_set(error, "%s: cannot compile the filter: %s", watch->name, pcap_statustostr(status));
    pcap_close(pcap);
    return NULL;
}

/* Opens a compiler of expressions for the frames of WATCH with the given link type. Returns NULL
 * with ERROR set when it cannot. */
static pcap_t *choose_compiler(const struct interface_watch *watch, enum link_type link,
                               const char *expression, struct error *error)
{
    pcap_t *pcap;

    if (expression)
        return open_compiler(watch, error);
    pcap = pcap_open_dead(link == LINK_RAW_IP ? DLT_RAW : DLT_EN10MB, SNAP_WHOLE);
    if (!pcap)
        error_set(error, "%s: %s", watch->name, strerror(ENOMEM));
    return pcap;
}

enum open_status filter_make(struct sock_fprog *filter, const struct interface_watch *watch,
                             enum link_type link, const char *expression, enum direction direction,
                             struct error *error)
{
    struct bpf_program program = {.bf_len = 1, .bf_insns = take_all};
    enum open_status status = OPEN_BAD_FILTER;
    pcap_t *pcap;

    if (watch->is_any) /* its frames have several link types */
        return join_programs(filter, direction, &program, error);
    pcap = choose_compiler(watch, link, expression, error);
    if (!pcap)
        return OPEN_FAILED;
    if (snap_filter_make(&program, pcap, expression, error) == 0)
        status = join_programs(filter, direction, &program, error);
    snap_filter_free(&program);
    pcap_close(pcap);
    return status;
}

void filter_free(struct sock_fprog *filter)
{
    free(filter->filter);
    *filter = (struct sock_fprog){0};
}
