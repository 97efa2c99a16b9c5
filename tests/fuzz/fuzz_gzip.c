/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Any octets as a gzip stream, and any change of a well-formed one. The first two octets choose. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "source/gzip.h"

#define PARAMETER_OCTETS 2
#define GZIP_BITS        31 /* the largest window, with gzip's header */
#define UNPACKED_MAX     (16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads PACKED as the program does. */
static void unpack(uint8_t *packed, size_t size)
{
    FILE *compressed = fmemopen(packed, size, "rb");
    char octets[4096];
    size_t total = 0;
    FILE *stream;

    if (!compressed)
        return;
    if (gzip_detect(compressed) && (stream = gzip_open(compressed))) {
        for (size_t got = 1; got && total < UNPACKED_MAX; total += got)
            got = fread(octets, 1, sizeof(octets), stream);
        fclose(stream);
    }
    fclose(compressed);
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
