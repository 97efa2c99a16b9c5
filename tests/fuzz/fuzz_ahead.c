/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A file that a thread reads ahead: in small blocks, with reads that are short, interrupted or
 * fail; and as the input of a large file, in pieces of any size. The octets must be those of the
 * file.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source/capture_file/blocks.h"
#include "source/capture_file/input.h"

#define LARGE_OCTETS ((size_t)40 << 20) /* more than what is read ahead at least */
#define PIECES_MAX   64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the reader does, an octet for each of its reads; the thread alone uses it. */
static const uint8_t *script;
static size_t script_octets;

static void must(int is_true)
{
    if (!is_true)
        abort();
}

static uint8_t octet_at(uint64_t offset)
{
    return (uint8_t)(offset * 31 + offset / 251);
}

static void check(const uint8_t *octets, size_t count, uint64_t offset)
{
    for (size_t i = 0; i < count; i++)
        must(octets[i] == octet_at(offset + i));
}

/* --- blocks --- */

static ssize_t read_scripted(int fd, void *to, size_t count, off_t offset)
{
    uint8_t turn = script_octets ? *script : 0;

    (void)fd;
    if (!script_octets)
        return 0;
    script++;
    script_octets--;
    if (turn >= 0xF0) {
        errno = turn == 0xF0 ? EIO : EINTR;
        return -1;
    }
    if (turn < count)
        count = turn;
    for (size_t i = 0; i < count; i++)
        ((uint8_t *)to)[i] = octet_at((uint64_t)offset + i);
    return (ssize_t)count;
}

/* Reads blocks of SIZE octets; of each, all but REST octets are taken. */
static void read_blocks(size_t size, size_t rest)
{
    struct blocks *blocks = blocks_start(read_scripted, -1, 0, size);
    uint8_t nothing = 0, *data = &nothing;
    uint64_t offset = 0; /* of the unread octets */
    size_t unread = 0;
    ssize_t got;

    must(blocks != NULL);
    while ((got = blocks_next(blocks, &data, unread)) > 0) {
        unread += (size_t)got;
        check(data, unread, offset);
        if (unread > rest) {
            data += unread - rest;
            offset += unread - rest;
            unread = rest;
        }
    }
    must(blocks_stop(blocks) == (off_t)(offset + unread));
}

/* --- an input --- */

static int make_large(void)
{
    int file = memfd_create("fuzz", 0);
    uint8_t *octets;

    must(file >= 0 && ftruncate(file, LARGE_OCTETS) == 0);
    octets = mmap(NULL, LARGE_OCTETS, PROT_WRITE, MAP_SHARED, file, 0);
    must(octets != MAP_FAILED);
    for (size_t i = 0; i < LARGE_OCTETS; i++)
        octets[i] = octet_at(i);
    munmap(octets, LARGE_OCTETS);
    return file;
}

/* Two octets of DATA are a piece: how many octets of it are needed, taken or skipped. */
static void read_pieces(const uint8_t *data, size_t size, int may_read_ahead)
{
    static int file = -1;
    struct input input;
    struct error error;
    char path[32];

    if (file < 0)
        file = make_large();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    must(input_open(&input, path, 0, &error) == OPEN_DONE);
    input.may_read_ahead = may_read_ahead;
    for (size_t at = 0; at + 2 <= size && at < 2 * (size_t)PIECES_MAX; at += 2) {
        size_t count = (size_t)(1 + data[at + 1]) << (data[at] % 16);
        uint64_t offset = input.offset;

        if (data[at] & 0x80) {
            if (input_skip(&input, count, 1) == INPUT_DONE)
                must(input.offset == offset + count);
        } else if (input_need(&input, count, 1) == INPUT_DONE) {
            check(input_data(&input), count < 64 ? count : 64, offset);
            check(input_data(&input) + count - 1, 1, offset + count - 1);
            if (data[at] & 0x40)
                input_take(&input, count);
        }
    }
    input_close(&input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    script = data + 3;
    script_octets = size - 3;
    if (data[0] & 1)
        read_pieces(data + 1, size - 1, data[0] & 2);
    else
        read_blocks(1 + data[1], data[2]);
    return 0;
}
