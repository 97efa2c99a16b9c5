// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Measures the time of BPF programs for a frame, without the network stack: runs them with
 * BPF_PROG_TEST_RUN.
 *
 *   bpf_cost [--full | --numbered] OBJECT.bpf.o PROGRAM...
 *
 * Prints nanoseconds for a frame of several kinds: medians of several rounds with warm caches. The
 * ring buffers are emptied between rounds; with --full they stay full, which measures a frame that
 * finds no room. With --numbered only MACsec and ESP are tracked, as with
 * `capture --protocols macsec,esp`, and the others have no record.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "../frames.h"
#include "classify/classify.h"
#include "selection.h"

enum {
    ROUNDS = 25,
    RUNS = 50000, /* in a round; their records fit into the ring */
    FRAME_BYTES = 124,
    FLOW = 12, /* any id */
    RODATA_BYTES_MAX = 4096,
};

static const struct {
    enum frame_kind kind;
    const char *name;
} kinds[] = {
    {FRAME_ESP, "ESP"}, {FRAME_MACSEC, "MACsec"}, {FRAME_ESP_UDP, "ESP/UDP"},
    {FRAME_TCP, "TCP"}, {FRAME_UDP, "UDP"},
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

struct subject {
    struct bpf_object *object;
    struct ring_buffer *rings; /* NULL: not emptied */
};

static int ignore(void *context, void *data, size_t size)
{
    (void)context, (void)data, (void)size;
    return 0;
}

static int compare(const void *left, const void *right)
{
    int a = *(const int *)left, b = *(const int *)right;

    return (a > b) - (a < b);
}

/* Returns nanoseconds of the program for a frame of KIND, or a negative error. The kernel measures
 * the time, because a system call for XDP also waits for other processors. */
static int measure(const struct subject *subject, int program, enum frame_kind kind)
{
    unsigned char frame[FRAME_BYTES] = {0};
    int rounds[ROUNDS];

    put_headers(frame, kind, FLOW, 1, sizeof(frame));
    for (int i = 0; i < ROUNDS; i++) {
        LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame),
                    .repeat = RUNS);
        int status = bpf_prog_test_run_opts(program, &options);

        if (status < 0)
            return status;
        rounds[i] = (int)options.duration;
        if (subject->rings)
            ring_buffer__consume(subject->rings);
    }
    qsort(rounds, ROUNDS, sizeof(rounds[0]), compare);
    return rounds[ROUNDS / 2];
}

/* Prints one line. Returns 0, or -1 with the reason on stderr. */
static int print_costs(const struct subject *subject, const char *name)
{
    const struct bpf_program *program = bpf_object__find_program_by_name(subject->object, name);

    if (!program) {
        fprintf(stderr, "bpf_cost: no such program: %s\n", name);
        return -1;
    }
    printf("%-24s", name);
    for (size_t i = 0; i < KIND_COUNT; i++) {
        int cost = measure(subject, bpf_program__fd(program), kinds[i].kind);

        if (cost < 0) {
            fprintf(stderr, "bpf_cost: %s: %s\n", name, strerror(-cost));
            return -1;
        }
        printf("%10d", cost);
    }
    putchar('\n');
    return 0;
}

/* Collects all ring buffers of the object, to be emptied. Returns 0 or a negative error. */
static int find_rings(struct subject *subject)
{
    struct bpf_map *map;

    bpf_object__for_each_map(map, subject->object)
    {
        int fd = bpf_map__fd(map);

        if (bpf_map__type(map) != BPF_MAP_TYPE_RINGBUF)
            continue;
        if (subject->rings) {
            int status = ring_buffer__add(subject->rings, fd, ignore, NULL);

            if (status < 0)
                return status;
            continue;
        }
        subject->rings = ring_buffer__new(fd, ignore, NULL, NULL);
        if (!subject->rings)
            return -errno;
    }
    return 0;
}

/* Sets the protocols of the sensor's read-only variable `classifier`. Returns 0 or a negative
 * error. */
static int select_protocols(struct subject *subject, unsigned selected)
{
    const struct btf *types = bpf_object__btf(subject->object);
    struct bpf_map *map = bpf_object__find_map_by_name(subject->object, ".rodata");
    int section = btf__find_by_name_kind(types, ".rodata", BTF_KIND_DATASEC);
    const struct btf_type *type = section < 0 ? NULL : btf__type_by_id(types, (unsigned)section);
    char data[RODATA_BYTES_MAX];
    size_t size = 0;
    const void *initial = map ? bpf_map__initial_value(map, &size) : NULL;

    if (!initial || !type || size > sizeof(data))
        return -ENOENT;
    memcpy(data, initial, size);
    for (unsigned i = 0; i < btf_vlen(type); i++) {
        const struct btf_var_secinfo *variable = &btf_var_secinfos(type)[i];
        const struct btf_type *named = btf__type_by_id(types, variable->type);

        if (strcmp(btf__name_by_offset(types, named->name_off), "classifier") != 0)
            continue;
        memcpy(data + variable->offset + offsetof(struct classifier, protocols), &selected,
               sizeof(selected));
        return bpf_map__set_initial_value(map, data, size);
    }
    return -ENOENT;
}

/* Returns 0 or a negative error. */
static int load(struct subject *subject, const char *path, int full, int numbered)
{
    int status = 0;

    subject->object = bpf_object__open_file(path, NULL);
    if (!subject->object)
        return -errno;
    if (numbered)
        status = select_protocols(subject, PROTOCOL_BIT_MACSEC | PROTOCOL_BIT_ESP);
    if (status == 0)
        status = bpf_object__load(subject->object);
    return status < 0 || full ? status : find_rings(subject);
}

static void print_heads(void)
{
    printf("%-24s", "ns a run");
    for (size_t i = 0; i < KIND_COUNT; i++)
        printf("%10s", kinds[i].name);
    putchar('\n');
}

int main(int argc, char **argv)
{
    int full = argc > 1 && strcmp(argv[1], "--full") == 0;
    int numbered = argc > 1 && strcmp(argv[1], "--numbered") == 0;
    struct subject subject = {0};
    int status;

    argv += full | numbered;
    argc -= full | numbered;
    if (argc < 3) {
        fputs("usage: bpf_cost [--full | --numbered] OBJECT.bpf.o PROGRAM...\n", stderr);
        return 2;
    }
    status = load(&subject, argv[1], full, numbered);
    if (status < 0)
        fprintf(stderr, "bpf_cost: %s: %s\n", argv[1], strerror(-status));
    else
        print_heads();
    for (int i = 2; status == 0 && i < argc; i++)
        status = print_costs(&subject, argv[i]);
    ring_buffer__free(subject.rings);
    bpf_object__close(subject.object);
    return status < 0;
}
