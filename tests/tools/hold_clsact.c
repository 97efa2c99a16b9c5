/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * hold_clsact INTERFACE in|out|both: attaches an empty TC program with clsact, gives up all
 * privileges, and prints the ids of the program and of the guard process. For each line on standard
 * input, the name of an interface, it attaches to that interface instead and prints "ok" or the
 * error. At the end of input it detaches the program. Exit status 1 with the error on stderr.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/privileges.h"
#include "source/bpf/clsact.h"

static const char *const directions[] = {
    [DIRECTION_BOTH] = "both",
    [DIRECTION_IN] = "in",
    [DIRECTION_OUT] = "out",
};

static int load_program(void)
{
    const struct bpf_insn instructions[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -1 /* TC_ACT_UNSPEC */},
        {.code = BPF_JMP | BPF_EXIT},
    };

    return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "hold_clsact", "Dual BSD/GPL", instructions,
                         sizeof(instructions) / sizeof(instructions[0]), NULL);
}

static void fail(const struct error *error)
{
    error_print(error);
    exit(EXIT_FAILURE);
}

static unsigned program_id(int program)
{
    struct bpf_prog_info info = {0};
    __u32 size = sizeof(info);

    return bpf_obj_get_info_by_fd(program, &info, &size) == 0 ? info.id : 0;
}

static void obey(struct clsact *clsact)
{
    struct error error;
    char line[64];

    while (fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        puts(clsact_reattach(clsact, if_nametoindex(line), &error) == 0 ? "ok" : error.text);
    }
}

int main(int argc, char **argv)
{
    enum direction direction = DIRECTION_BOTH;
    int program = load_program();
    struct clsact clsact;
    struct error error;

    if (argc != 3) {
        fputs("usage: hold_clsact INTERFACE in|out|both\n", stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (direction < DIRECTION_OUT && strcmp(argv[2], directions[direction]) != 0)
        direction++;
    if (program < 0)
        error_set(&error, "cannot load the program: %s", strerror(errno));
    if (program < 0 ||
        clsact_attach(&clsact, if_nametoindex(argv[1]), program, direction, &error) < 0 ||
        privileges_drop(0, NULL, &error) < 0)
        fail(&error);
    printf("%u %d\n", program_id(program), (int)clsact.guard.process);
    obey(&clsact);
    if (clsact_detach(&clsact, &error) < 0)
        fail(&error);
    return 0;
}
