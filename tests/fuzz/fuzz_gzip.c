/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Any octets as a compressed file, and any change of a well-formed gzip file. The first two octets
 * choose. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "source/unpack/unpack.h"

#define PARAMETER_OCTETS 2
#define GZIP_BITS        31 /* the largest window, with gzip's header */
#define UNPACKED_MAX     (16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads PACKED as the program does, in whatever format it is. */
static void unpack(const uint8_t *packed, size_t size)
{
    const struct unpack_format *format = unpack_format_of(packed, size);
    struct unpack_io io = {.in = packed, .in_count = size};
    unsigned char octets[4096];
    struct unpacker unpacker;
    size_t total = 0, got = 1;

    if (!format || unpack_begin(&unpacker, format) < 0)
        return;
    while (got && total < UNPACKED_MAX) {
        io.out = octets;
        io.out_count = sizeof(octets);
        if (unpack_run(&unpacker, &io) < 0)
            break;
        got = sizeof(octets) - io.out_count;
        total += got;
    }
    unpack_end(&unpacker);
}

/* Packs DATA, changes octet CHANGED in the result, and reads that. */
static void pack_and_change(const uint8_t *data, size_t size, uint8_t changed, uint8_t by)
{
    size_t room = compressBound(size) + 64;
    uint8_t *packed = malloc(room);
    z_stream stream = {
        .next_in = (uint8_t *)data,
        .avail_in = (uInt)size,
        .next_out = packed,
        .avail_out = (uInt)room,
    };

    if (packed &&
        deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_BITS, 8, Z_DEFAULT_STRATEGY) == Z_OK) {
        deflate(&stream, Z_FINISH);
        deflateEnd(&stream);
        packed[changed % stream.total_out] ^= by;
        unpack(packed, stream.total_out);
    }
    free(packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy;

    if (size <= PARAMETER_OCTETS)
        return 0;
    if (data[0] & 1) {
        pack_and_change(data + PARAMETER_OCTETS, size - PARAMETER_OCTETS, data[0], data[1]);
        return 0;
    }
    copy = malloc(size); /* of the exact length, so that ASan sees reads behind it */
    if (!copy)
        return 0;
    memcpy(copy, data + PARAMETER_OCTETS, size - PARAMETER_OCTETS);
    unpack(copy, size - PARAMETER_OCTETS);
    free(copy);
    return 0;
}
