/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/snap_filter.h"

#include <errno.h>
#include <pcap/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "protocols.h"
#include "source/decode.h"

#define CONDITION_CHARS 512

/* Adds the condition that a datagram uses the port of a numbered protocol. */
static void add_condition(struct text *text)
{
    const char *separator = "";

#define ROW(id, name, label, ethertype, ip_protocol, udp_port, form, bits, ...)                    \
    if (udp_port && (bits)) {                                                                      \
        text_add(text, "%sudp port %u", separator, udp_port);                                      \
        separator = " or ";                                                                        \
    }
    PROTOCOL_TABLE(ROW)
#undef ROW
    (void)separator;
}

/*
 * Makes a program that takes, of the frames that match EXPRESSION, those to be captured whole.
 * PROGRAM gets no instructions if there are none: the link layer has no UDP, or the expression
 * excludes it. Returns 0, or -1: no memory.
 */
static int make_whole(struct bpf_program *program, pcap_t *pcap, const char *expression)
{
    size_t chars = CONDITION_CHARS + (expression ? strlen(expression) : 0);
    char *condition = malloc(chars);
    struct text text;

    *program = (struct bpf_program){0};
    if (!condition)
        return -1;
    text = text_over(condition, chars);
    if (expression)
        text_add(&text, "(%s) and ", expression);
    text_add(&text, "(");
    add_condition(&text);
    text_add(&text, ")");
    if (pcap_compile(pcap, program, condition, 1, PCAP_NETMASK_UNKNOWN) < 0)
        *program = (struct bpf_program){0};
    free(condition);
    return 0;
}

/* Frames of at most SNAP_OCTETS are captured whole in any case, so WHOLE is not for them: it would
 * read behind the end of damaged ones, which makes the kernel refuse them. */
#define PROLOGUE_INSTRUCTIONS 3

/* Puts into PROLOGUE the instructions that pass over the SKIPPED ones behind them for such
 * frames. */
static void skip_short_frames(struct bpf_insn *prologue, u_int skipped)
{
    prologue[0] = (struct bpf_insn)BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0);
    prologue[1] = (struct bpf_insn)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, SNAP_OCTETS, 1, 0);
    prologue[2] = (struct bpf_insn)BPF_STMT(BPF_JMP | BPF_JA, skipped);
}

/* Sets JOINED to a program that captures frames that match WHOLE completely, and of the others
 * those that match REST, with fewer octets. Returns 0, or -1: no memory. */
static int join(struct bpf_program *joined, const struct bpf_program *whole,
                const struct bpf_program *rest)
{
    size_t length = PROLOGUE_INSTRUCTIONS + (size_t)whole->bf_len + rest->bf_len;
    struct bpf_insn *instructions = calloc(length, sizeof(*instructions));
    struct bpf_insn *to = instructions + PROLOGUE_INSTRUCTIONS;

    *joined = (struct bpf_program){.bf_len = (u_int)length, .bf_insns = instructions};
    if (!instructions)
        return -1;
    skip_short_frames(instructions, whole->bf_len);
    for (u_int i = 0; i < whole->bf_len; i++, to++) {
        *to = whole->bf_insns[i];
        if (to->code == (BPF_RET | BPF_K) && !to->k)
            *to = (struct bpf_insn)BPF_STMT(BPF_JMP | BPF_JA, whole->bf_len - i - 1);
    }
    for (u_int i = 0; i < rest->bf_len; i++, to++) {
        *to = rest->bf_insns[i];
        if (to->code == (BPF_RET | BPF_K) && to->k)
            to->k = SNAP_OCTETS;
    }
    return 0;
}

int snap_filter_make(struct bpf_program *program, pcap_t *pcap, const char *expression,
                     struct error *error)
{
    struct bpf_program whole, rest;
    int status;

    *program = (struct bpf_program){0};
    if (pcap_compile(pcap, &rest, expression ? expression : "", 1, PCAP_NETMASK_UNKNOWN) < 0)
        return error_set(error, "filter '%s': %s", expression, pcap_geterr(pcap));
    status = make_whole(&whole, pcap, expression);
    if (status == 0)
        status = join(program, &whole, &rest);
    pcap_freecode(&whole);
    pcap_freecode(&rest);
    return status < 0 ? error_set(error, "%s", strerror(ENOMEM)) : 0;
}

void snap_filter_free(struct bpf_program *program)
{
    free(program->bf_insns);
    *program = (struct bpf_program){0};
}
